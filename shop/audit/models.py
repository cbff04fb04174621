"""The book of what staff did, and commands on the server.

The database refuses to change or delete what stands in it; see the migration.
"""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from uuid_utils.compat import uuid7

from shop.clock import ShopNow


class Entry(models.Model):
    """One thing that somebody of the staff did, or a command. `before` and `after` are null once it is forgotten."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(db_default=ShopNow())
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    command = models.CharField(max_length=60, blank=True, db_default="")
    """Which command did it, where nobody was signed in."""
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    person = models.UUIDField(null=True)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True)
    request = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["by", "id"], name="audit_by_whom"),
            models.Index(fields=["action", "id"], name="audit_by_action"),
            models.Index(fields=["subject", "id"], name="audit_by_subject"),
            models.Index(fields=["at"], name="audit_by_time"),
            models.Index(fields=["person"], condition=models.Q(person__isnull=False), name="audit_by_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(by__isnull=False, command="") | models.Q(by__isnull=True) & ~models.Q(command=""),
                name="audit_says_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
