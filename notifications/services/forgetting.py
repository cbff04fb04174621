"""What was written to erased people is forgotten."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from notifications.channels import email
from notifications.models import Message, Preference, ReceivedMail
from shop.states import bulk_save
from shop.users import mails


@transaction.atomic(savepoint=False)
def forget(*, user_ids: Sequence[UUID]) -> None:
    """Forget what was written to erased people and where to; that something was, and when, is kept."""
    messages = list(Message.objects.locked().filter(recipient_id__in=user_ids).exclude(subject=""))
    _empty_mailbox({message.address for message in messages}, mails.of_people(user_ids))
    for message in messages:
        message.forget()
    bulk_save(messages)
    Preference.objects.filter(user_id__in=user_ids).delete()


def _empty_mailbox(addresses: set[str], account_mail_ids: Iterable[UUID]) -> None:
    """In development mails arrive here, too: those to any address that was theirs."""
    known = [email.message_id_header(str(mail_id)) for mail_id in account_mail_ids]
    ReceivedMail.objects.filter(Q(recipients__in=addresses - {""}) | Q(message_id__in=known)).delete()
