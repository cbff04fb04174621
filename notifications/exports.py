"""What notifications holds about a person."""

from typing import Any
from uuid import UUID

from notifications.models import Message

_MESSAGE = ("id", "channel", "address", "subject", "body", "created_at", "sent_at")


def held_about(user_id: UUID) -> list[dict[str, Any]]:
    """What was written to them, oldest first."""
    return list(Message.objects.filter(recipient_id=user_id).order_by("pk").values(*_MESSAGE))
