"""Messages to people: what was written to whom, by which channel, and what became of it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from shop.states import Guarded
from shop.users.models import Language


class Kind(models.TextChoices):
    """What a message is about; `notifications/words` has a text for each, in every language."""

    WELCOME = "welcome"
    RECEIVED = "received"
    CONFIRMED = "confirmed"
    RECEIPT = "receipt"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    RETURNED = "returned"
    ACTION_REQUIRED = "action_required"
    STOCK_LOW = "stock_low"
    DEAD_LETTERS = "dead_letters"


class Channel(models.TextChoices):
    """How a message reaches its person."""

    EMAIL = "email"
    APP = "app", "in the app"


REQUIRED = frozenset(
    {
        *(Kind.WELCOME, Kind.RECEIVED, Kind.CONFIRMED, Kind.RECEIPT),
        *(Kind.CANCELLED, Kind.REFUNDED, Kind.ACTION_REQUIRED),
    }
)
"""What law or contract wants written on something that lasts: nobody can do without its mail."""

STAFF = frozenset({Kind.STOCK_LOW, Kind.DEAD_LETTERS})
"""What only staff are told."""


class Message(Guarded):
    """One message because of one event, to one person by one channel.

    `facts` are what its words were filled in with; with them a mail is made anew when it is looked at or sent again.
    `requests` counts how often it was asked for beside its event, which is why an alert leaves, or a mail once more.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event_id = models.UUIDField()
    order_id = models.UUIDField(null=True)
    recipient_id = models.UUIDField()
    channel = models.CharField(max_length=20, choices=Channel, default=Channel.EMAIL)
    kind = models.CharField(max_length=20, choices=Kind)
    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    facts = models.JSONField(default=dict)
    address = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    requests = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    read_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["recipient_id", "id"], name="message_by_recipient"),
            models.Index(fields=["kind", "id"], name="message_by_kind"),
            models.Index(fields=["order_id"], condition=Q(order_id__isnull=False), name="message_by_order"),
            models.Index(fields=["id"], condition=Q(failed_at__isnull=False), name="message_failed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event_id", "recipient_id", "channel"], name="message_once_per_event"),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(failed_at=None), name="message_sent_or_failed"),
            models.CheckConstraint(condition=Q(read_at=None) | Q(channel=Channel.APP), name="message_read_in_the_app"),
        ]

    def __str__(self) -> str:
        return self.subject or f"forgotten, of kind {self.kind}"

    @property
    def is_forgotten(self) -> bool:
        """Its person was erased: that it was is all that is kept."""
        return self.subject == ""

    def forget(self) -> None:
        self.address = self.subject = self.body = self.error = ""
        self.facts = {}
