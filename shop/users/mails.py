"""Mails about accounts: written down in the request, sent by who hears of them, and forgotten then."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from shop.states import bulk_save
from shop.users.models import AccountMail, User


@transaction.atomic(savepoint=False)
def write(*, user: User | None, kind: str, address: str, subject: str, body: str) -> AccountMail:
    """Write down a mail; its news makes somebody send it."""
    mail = AccountMail(user=user, kind=kind, address=address, subject=subject, body=body)
    mail.save()
    return mail


def unsent(mail_ids: Iterable[UUID]) -> dict[UUID, AccountMail]:
    """Those of some mails that are still to be sent, each with its person."""
    found = AccountMail.objects.filter(pk__in=list(mail_ids), closed_at=None).select_related("user")
    return {mail.pk: mail for mail in found}


def of_people(user_ids: Iterable[UUID]) -> list[UUID]:
    """The ids of all mails that were ever written to some people."""
    return list(AccountMail.objects.filter(user__in=list(user_ids)).values_list("pk", flat=True))


@transaction.atomic(savepoint=False)
def close(*, mail_ids: Sequence[UUID]) -> None:
    """These mails have left, or are not wanted any more; closing one twice changes nothing."""
    mails = list(AccountMail.objects.locked().filter(pk__in=mail_ids, closed_at=None))
    for mail in mails:
        mail.close()
    bulk_save(mails)
