"""E-mail, through whatever back-end Django is set to."""

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
            raise Refused(f"{Refused.__doc__} {type(error).__name__} {_codes(error)}") from None
        raise Unavailable(f"the mail server is away: {error}") from error


def message_id_header(message_id: UUID) -> str:
    """The Message-ID (RFC 5322) that a message always has."""
    return f"<{message_id}@shop.example.com>"


def _is_an_answer(error: OSError) -> bool:
    """The server has refused the mail; every other failure of a socket, a name or a route says that it is away."""
    return isinstance(error, smtplib.SMTPException) and not isinstance(error, _HUNG_UP)


def _codes(error: OSError) -> str:
    """What the server answered, in numbers: its words repeat the address, which must not end up in logs."""
    answers = [getattr(error, "smtp_code", None)]
    answers += [code for code, _ in getattr(error, "recipients", {}).values()]
    return " ".join(str(code) for code in answers if code)
