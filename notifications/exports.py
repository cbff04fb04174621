"""What notifications holds about a person."""

from typing import Any
from uuid import UUID

from notifications.models import Message, Preference

_MESSAGE = ("id", "kind", "channel", "address", "subject", "body", "created_at", "sent_at", "read_at")


def held_about(user_id: UUID) -> dict[str, Any]:
    """What was written to them, oldest first, and what they do not want to hear of."""
    messages = Message.objects.filter(recipient_id=user_id).order_by("pk").values(*_MESSAGE)
    muted = Preference.objects.filter(pk=user_id).values_list("muted", flat=True).first()
    return {"messages": list(messages), "muted": muted or []}
