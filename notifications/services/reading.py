"""Messages in the app are read."""

from django.db import transaction
from django.utils import timezone

from notifications.models import Message


@transaction.atomic(savepoint=False)
def mark_read(*, message: Message, read: bool) -> Message:
    """Note that a message in the app was read, or is to be read again; saying it twice keeps the first time."""
    if read != (message.read_at is not None):
        message.read_at = timezone.now() if read else None
        message.save()
    return message
