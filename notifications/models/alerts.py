"""What staff are told of: gathered for a while, so that a flood is one mail with a count."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from notifications.models.messages import STAFF, Kind
from shop.states import Guarded

_SHOWN = 10  # examples are enough; the count tells the rest


class Alert(Guarded):
    """Something that staff should look at, and how often it happened until they were written to."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.label) for kind in Kind if kind in STAFF])
    count = models.PositiveIntegerField(default=0)
    examples = models.JSONField(default=list)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(closed_at=None), name="alert_open_once"),
        ]
        permissions = [
            ("hear_stock_low", "Is told that stock is low"),
            ("hear_dead_letters", "Is told of dead letters"),
        ]

    def __str__(self) -> str:
        return f"{self.count} times {self.kind}"

    def gather(self, happened: Sequence[Mapping[str, Any]]) -> None:
        self.count += len(happened)
        self.examples = [*self.examples, *happened][:_SHOWN]

    def close(self) -> None:
        self.closed_at = timezone.now()
