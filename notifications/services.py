"""What can be done with messages."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from notifications.channels import email
from notifications.models import Message, ReceivedMail
from shop.states import bulk_save
from shop.users import mails
from shop.users.models import Guest, User


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be said to whom, because of which event."""

    event_id: UUID
    recipient_id: UUID
    subject: str
    body: str


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message ready to be sent."""

    message_id: UUID
    address: str
    subject: str
    body: str


@transaction.atomic(savepoint=False)
def write_messages(*, drafts: Sequence[Draft]) -> list[Letter | None]:
    """Write messages down, one letter for each; None for one that was sent already, or whose recipient is gone."""
    known = _messages(draft.event_id for draft in drafts)
    addresses = _addresses(draft.recipient_id for draft in drafts)
    new = [
        Message(
            event_id=draft.event_id,
            recipient_id=draft.recipient_id,
            address=addresses[draft.recipient_id],
            subject=draft.subject,
            body=draft.body,
        )
        for draft in drafts
        if (draft.event_id, draft.recipient_id) not in known and draft.recipient_id in addresses
    ]
    bulk_save(new)
    known |= {(message.event_id, message.recipient_id): message for message in new}
    return [_letter(known, draft) for draft in drafts]


@transaction.atomic(savepoint=False)
def note_sent(*, message_ids: Sequence[UUID]) -> None:
    """These messages have left."""
    messages = list(Message.objects.locked().filter(pk__in=message_ids, sent_at=None))
    for message in messages:
        message.sent_at = timezone.now()
    bulk_save(messages)


@transaction.atomic(savepoint=False)
def forget(*, user_ids: Sequence[UUID]) -> None:
    """Forget what was written to erased people and where to; that something was, and when, is kept."""
    messages = list(Message.objects.locked().filter(recipient_id__in=user_ids).exclude(address=""))
    _empty_mailbox({message.address for message in messages}, mails.of_people(user_ids))
    for message in messages:
        message.address = message.subject = message.body = ""
    bulk_save(messages)


def _empty_mailbox(addresses: set[str], account_mail_ids: Iterable[UUID]) -> None:
    """In development mails arrive here, too: those to any address that was theirs."""
    known = [email.message_id_header(mail_id) for mail_id in account_mail_ids]
    ReceivedMail.objects.filter(Q(recipients__in=addresses) | Q(message_id__in=known)).delete()


def account_letters(*, mail_ids: Sequence[UUID]) -> list[Letter | None]:
    """A letter for each mail that accounts have written; None for one that has left or is not wanted any more."""
    unsent = mails.unsent(mail_ids)
    return [
        Letter(message_id=mail.pk, address=mail.address, subject=mail.subject, body=mail.body) if mail else None
        for mail in map(unsent.get, mail_ids)
    ]


def close_account_mails(*, mail_ids: Sequence[UUID]) -> None:
    """These have left, or it is too late for them; what they said is forgotten."""
    mails.close(mail_ids=mail_ids)


def _letter(messages: Mapping[tuple[UUID, UUID], Message], draft: Draft) -> Letter | None:
    message = messages.get((draft.event_id, draft.recipient_id))
    if message is None or message.sent_at is not None or not message.address:
        return None
    return Letter(message_id=message.pk, address=message.address, subject=message.subject, body=message.body)


def _messages(event_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID], Message]:
    found = Message.objects.filter(event_id__in=list(event_ids), channel="email")
    return {(message.event_id, message.recipient_id): message for message in found}


def _addresses(people: Iterable[UUID]) -> dict[UUID, str]:
    ids = set(people)
    users = User.objects.filter(pk__in=ids, erased_at=None).values_list("pk", "email")
    guests = Guest.objects.filter(pk__in=ids, erased_at=None).values_list("pk", "email")
    return dict(users.union(guests, all=True))
