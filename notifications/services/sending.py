"""What becomes of messages: they leave, are refused for good, or are asked for again."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from notifications.models import Channel, Message
from notifications.services.letters import Letter
from notifications.services.recipients import recipients
from notifications.services.writing import letter_of
from shop.states import bulk_save

_SAID = ("facts", "subject", "body")
"""What is long, and does not matter any more once it has left."""


@transaction.atomic(savepoint=False)
def note_outcomes(*, refusals: Mapping[UUID, str]) -> None:
    """These messages have left, or were refused for good, with a sentence why."""
    waiting = Message.objects.locked().filter(pk__in=list(refusals), sent_at=None, failed_at=None)
    messages = list(waiting.defer(*_SAID))
    for message in messages:
        if refusals[message.pk]:
            message.failed_at, message.error = timezone.now(), refusals[message.pk]
        else:
            message.sent_at = timezone.now()
    bulk_save(messages)


@transaction.atomic(savepoint=False)
def send_again(*, message_id: UUID) -> Message | None:
    """Send a mail once more, to where its person is written to now; None where there is no such mail any more."""
    message = Message.objects.locked().filter(pk=message_id, channel=Channel.EMAIL).exclude(subject="").first()
    recipient = message and recipients([message.recipient_id]).get(message.recipient_id)
    if message is None or recipient is None:
        return None
    message.address = recipient.address
    message.sent_at = message.failed_at = None
    message.error = ""
    message.requests += 1
    message.save()
    return message


def requested_letters(*, message_ids: Sequence[UUID]) -> list[Letter | None]:
    """A letter for each message that was asked for; None for one that has left or failed meanwhile."""
    messages = Message.objects.in_bulk(list(message_ids))
    return [letter_of(messages.get(message_id)) for message_id in message_ids]
