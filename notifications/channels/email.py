"""E-mail, through whatever back-end Django is set to: SMTP, or a provider's API by way of anymail."""

import re
import smtplib
from email.utils import parseaddr

from anymail.exceptions import AnymailRecipientsRefused, AnymailRequestsAPIError
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from notifications.channels import connections, words
from shop.bus import Unavailable


class Refused(RuntimeError):
    """The mail server does not take this mail, and never will."""


class NotTaken(RuntimeError):
    """The mail server does not take this mail now."""


class ServerAway(Unavailable):
    """the mail server is away:"""


_CLOSING = 421
_PERMANENT = 500
"""From here on SMTP answers for good; what an API answers from here on is its own trouble."""
_WHATEVER_THE_MAIL = {401, 403, 408, 429}
"""What a provider's API answers to any mail while it lacks something of ours, or time."""


def send(*, reference: str, address: str, subject: str, body: str, html: str) -> None:
    """Send one mail, as plain text and as HTML.

    Raises `ServerAway` where the mail server is away, `Refused` where it refuses this mail for good, and `NotTaken`
    where another try may help. A repeat carries the same Message-ID: a mail whose acceptance was not heard of is sent
    again, and can be recognised.
    """
    headers = {"Message-ID": message_id_header(reference), "Auto-Submitted": "auto-generated"}
    mail = EmailMultiAlternatives(subject, words.signed(body), to=[address], headers=headers)
    mail.attach_alternative(html, "text/html")
    try:
        with connections.connection() as connection:
            connection.send_messages([mail])
    except (OSError, AnymailRecipientsRefused) as error:
        raise _told(error, address) from None


def message_id_header(reference: str) -> str:
    """The Message-ID (RFC 5322) that a message always has, at the domain that our mails come from."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return f"<{reference}@{sender.rpartition('@')[2]}>"


def _told(error: Exception, address: str) -> Exception:
    """The same in our words, without the address: servers like to repeat it, and errors are shown to many."""
    verdict = _verdict(error)
    return verdict(_without(address, f"{verdict.__doc__} {type(error).__name__}: {error}"))


def _verdict(error: Exception) -> type[Exception]:
    match error:
        case AnymailRecipientsRefused():
            return Refused
        case AnymailRequestsAPIError(status_code=int(status)) if (
            status < _PERMANENT and status not in _WHATEVER_THE_MAIL
        ):
            return NotTaken
        case smtplib.SMTPException():
            return _smtp_verdict(error)
    return ServerAway  # a socket, a name or a route that fails


def _smtp_verdict(error: smtplib.SMTPException) -> type[Exception]:
    """5yz is for good where it is about the mail, 421 and what precedes any mail is the server's (RFC 5321, 4.2.1)."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=answers):
            codes = [code for code, _ in answers.values()]
        case smtplib.SMTPDataError(smtp_code=code):
            codes = [code]
        case smtplib.SMTPConnectError() | smtplib.SMTPServerDisconnected() | smtplib.SMTPAuthenticationError():
            codes = [_CLOSING]
        case smtplib.SMTPResponseException(smtp_code=code):
            codes = [code if code == _CLOSING else 0]
        case _:
            codes = [0]
    if _CLOSING in codes:
        return ServerAway
    return Refused if min(codes) >= _PERMANENT else NotTaken


def _without(address: str, told: str) -> str:
    names = "|".join(re.escape(part) for part in (address, address.partition("@")[0]) if part)
    return re.sub(rf"\b(?:{names})\b", "...", told, flags=re.IGNORECASE)
