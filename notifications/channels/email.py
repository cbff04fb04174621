"""E-mail, through whatever back-end Django is set to."""

import re
import smtplib
from uuid import UUID

from django.core.mail import EmailMessage

from shop.bus import Unavailable


class Refused(RuntimeError):
    """The mail server does not take this mail."""


_HUNG_UP = (smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected)


def send(*, message_id: UUID, address: str, subject: str, body: str) -> None:
    """Send one mail; raises `Unavailable` where the mail server is away.

    A repeat carries the same Message-ID: a mail whose acceptance was not heard of is sent again, and can be recognised.
    """
    mail = EmailMessage(subject, body, to=[address], headers={"Message-ID": message_id_header(message_id)})
    try:
        mail.send()
    except OSError as error:
        if _is_an_answer(error):
            raise Refused(_without(address, f"{Refused.__doc__} {type(error).__name__}: {error}")) from None
        raise Unavailable(f"the mail server is away: {error}") from error


def message_id_header(message_id: UUID) -> str:
    """The Message-ID (RFC 5322) that a message always has."""
    return f"<{message_id}@shop.example.com>"


def _is_an_answer(error: OSError) -> bool:
    """The server has refused the mail; every other failure of a socket, a name or a route says that it is away."""
    return isinstance(error, smtplib.SMTPException) and not isinstance(error, _HUNG_UP)


def _without(address: str, told: str) -> str:
    """What the server said, but for the address that servers like to repeat: errors are kept, and shown to many."""
    names = "|".join(re.escape(part) for part in (address, address.partition("@")[0]) if part)
    return re.sub(rf"\b(?:{names})\b", "...", told, flags=re.IGNORECASE)
