"""Messages are written down before they leave: one per event, recipient and channel."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from notifications.channels import words
from notifications.models import Channel, Kind, Message
from notifications.services.letters import Letter
from notifications.services.recipients import Recipient, recipients
from shop.states import bulk_save

Messages = dict[tuple[UUID, UUID, str], Message]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said to whom, because of which event. `facts` are what the words of its kind are filled in with."""

    event_id: UUID
    recipient_id: UUID
    kind: Kind
    facts: Mapping[str, Any]
    order_id: UUID | None = None
    requests: int = 0


@transaction.atomic(savepoint=False)
def write_messages(*, drafts: Sequence[Draft]) -> list[Letter | None]:
    """Write messages down, a letter for each that is to be mailed.

    None for one that was sent or refused already, whose recipient is gone, or who wants no mail of its kind.
    """
    known = _messages(draft.event_id for draft in drafts)
    people = recipients(draft.recipient_id for draft in drafts)
    new = [
        message
        for draft in drafts
        if draft.recipient_id in people
        for message in _written(draft, people[draft.recipient_id])
        if _key(message) not in known
    ]
    bulk_save(new)
    known |= {_key(message): message for message in new}
    return [letter_of(known.get((draft.event_id, draft.recipient_id, Channel.EMAIL))) for draft in drafts]


def letter_of(message: Message | None) -> Letter | None:
    """A letter for a mail that is still to be sent."""
    if message is None or message.sent_at or message.failed_at or message.is_forgotten:
        return None
    return Letter.of(message)


def _written(draft: Draft, recipient: Recipient) -> Iterator[Message]:
    channels = recipient.channels(draft.kind)
    subject, body = words.said(draft.kind, recipient.language, draft.facts) if channels else ("", "")
    for channel in channels:
        in_the_app = channel is Channel.APP
        yield Message(
            event_id=draft.event_id,
            order_id=draft.order_id,
            recipient_id=draft.recipient_id,
            channel=channel,
            kind=draft.kind,
            language=recipient.language,
            facts={} if in_the_app else draft.facts,
            address="" if in_the_app else recipient.address,
            subject=subject,
            body=body,
            requests=0 if in_the_app else draft.requests,
            sent_at=timezone.now() if in_the_app else None,
        )


def _messages(event_ids: Iterable[UUID]) -> Messages:
    return {_key(message): message for message in Message.objects.filter(event_id__in=list(event_ids))}


def _key(message: Message) -> tuple[UUID, UUID, str]:
    return message.event_id, message.recipient_id, message.channel
