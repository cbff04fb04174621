import errno
import smtplib
import socket
from collections.abc import Sequence
from typing import ClassVar
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from pytest_django import Settings

from notifications.channels import email
from notifications.channels.email import Refused
from shop.bus import Unavailable


class Broken(BaseEmailBackend):
    """A way for mails that fails."""

    error: ClassVar[Exception]

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:  # noqa: ARG002 - Django's signature
        raise self.error


@pytest.fixture
def broken(settings: Settings) -> type[Broken]:
    settings.EMAIL_BACKEND = f"{Broken.__module__}.{Broken.__qualname__}"
    return Broken


def _send() -> None:
    email.send(message_id=uuid4(), address="ada@example.com", subject="Hello", body="Dear Ada")


def test_a_mail_carries_its_message_id_and_comes_from_the_shop() -> None:
    message_id = uuid4()

    email.send(message_id=message_id, address="ada@example.com", subject="Hello", body="Dear Ada")

    (sent,) = mail.outbox
    assert sent.message()["Message-ID"] == f"<{message_id}@shop.example.com>"
    assert (sent.from_email, sent.to, sent.subject, sent.body) == (
        "Shop <shop@example.com>",
        ["ada@example.com"],
        "Hello",
        "Dear Ada",
    )


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError("refused"),
        ConnectionResetError("reset"),
        BrokenPipeError("broken"),
        TimeoutError("too slow"),
        socket.gaierror(socket.EAI_AGAIN, "no name server"),
        OSError(errno.EHOSTUNREACH, "no route"),
        OSError(errno.ENETUNREACH, "no network"),
        smtplib.SMTPConnectError(421, "not now"),
        smtplib.SMTPServerDisconnected("hung up"),
    ],
)
def test_a_mail_server_that_cannot_be_reached_is_away(error: Exception, broken: type[Broken]) -> None:
    broken.error = error

    with pytest.raises(Unavailable, match="the mail server is away"):
        _send()


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"ada@example.com": (550, b"no such user")}),
        smtplib.SMTPDataError(550, b"no such user: Ada"),
        smtplib.SMTPAuthenticationError(550, b"who are you"),
    ],
)
def test_a_mail_that_is_refused_says_why_without_the_address(error: Exception, broken: type[Broken]) -> None:
    broken.error = error

    with pytest.raises(Refused) as raised:
        _send()

    assert "550" in str(raised.value)
    assert "ada" not in str(raised.value).lower()


def test_what_cannot_be_a_mail_is_said_as_it_is(broken: type[Broken]) -> None:
    broken.error = ValueError("not an address")

    with pytest.raises(ValueError, match="not an address"):
        _send()


@pytest.mark.parametrize("subject", ["Hello\nBcc: evil@example.com", "Hello\r\n\r\nbody"])
def test_a_subject_with_line_breaks_is_refused(subject: str) -> None:
    with pytest.raises(ValueError, match="newlines"):
        email.send(message_id=uuid4(), address="ada@example.com", subject=subject, body="")

    assert mail.outbox == []
