"""E-mail, through whatever back-end Django is set to."""

import smtplib
from uuid import UUID

from django.core.mail import EmailMessage

from shop.bus import Unavailable

_HUNG_UP = (smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected)


def send(*, message_id: UUID, address: str, subject: str, body: str) -> None:
    """Send one mail; raises `Unavailable` where the mail server is away.

    A repeat carries the same Message-ID: a mail whose acceptance was not heard of is sent again, and can be recognised.
    """
    mail = EmailMessage(subject, body, to=[address], headers={"Message-ID": f"<{message_id}@shop.example.com>"})
    try:
        mail.send()
    except OSError as error:
        if _is_an_answer(error):
            raise
        raise Unavailable(f"the mail server is away: {error}") from error


def _is_an_answer(error: OSError) -> bool:
    """The server has refused the mail; every other failure of a socket, a name or a route says that it is away."""
    return isinstance(error, smtplib.SMTPException) and not isinstance(error, _HUNG_UP)
