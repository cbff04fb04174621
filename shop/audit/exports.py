"""What the audit holds about a person: what they did as staff, and what staff did to what is theirs."""

from typing import Any
from uuid import UUID

from shop.audit.models import Entry

_DONE = ("at", "action", "subject")


def held_about(user_id: UUID) -> dict[str, Any]:
    """Entries by them and about them, oldest first."""
    return {
        "done_by_them": list(Entry.objects.filter(by=user_id).order_by("id").values(*_DONE)),
        "done_about_them": list(
            Entry.objects.filter(person=user_id).order_by("id").values(*_DONE, "before", "after", "reason")
        ),
    }
