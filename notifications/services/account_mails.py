"""Mails that accounts have written: they may carry a code, so nothing of them is kept here."""

from collections.abc import Sequence
from uuid import UUID

from notifications.services.letters import Letter
from shop.users import mails
from shop.users.models import AccountMail, Language

_WORDS = "account"  # dressed as all mails are, whatever accounts have to say


def account_letters(*, mail_ids: Sequence[UUID]) -> list[Letter | None]:
    """A letter for each mail that accounts have written; None for one that has left or is not wanted any more."""
    unsent = mails.unsent(mail_ids)
    return [_letter(mail) if mail else None for mail in map(unsent.get, mail_ids)]


def close_account_mails(*, mail_ids: Sequence[UUID]) -> None:
    """These have left, or it is too late for them; what they said is forgotten."""
    mails.close(mail_ids=mail_ids)


def _letter(mail: AccountMail) -> Letter:
    return Letter(
        message_id=mail.pk,
        reference=str(mail.pk),
        address=mail.address,
        kind=_WORDS,
        language=mail.user.language if mail.user else Language.ENGLISH,
        facts={"subject": mail.subject, "text": mail.body},
        subject=mail.subject,
        body=mail.body,
    )
