"""E-mail, through whatever back-end Django is set to."""

import smtplib
from uuid import UUID

from django.core.mail import EmailMessage

from shop.bus import Unavailable

_AWAY = (ConnectionError, TimeoutError, smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected)


def send(*, message_id: UUID, address: str, subject: str, body: str) -> None:
    """Send one mail; raises `Unavailable` where the mail server is away.

    A repeat carries the same Message-ID: a mail whose acceptance was not heard of is sent again, and can be recognised.
    """
    mail = EmailMessage(subject, body, to=[address], headers={"Message-ID": f"<{message_id}@shop.example.com>"})
    try:
        mail.send()
    except _AWAY as error:
        raise Unavailable(f"the mail server is away: {error}") from error
