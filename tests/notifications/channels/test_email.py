import errno
import json
import smtplib
import socket
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
from anymail.exceptions import AnymailRecipientsRefused
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from pytest_django import Settings

from notifications.channels import email
from notifications.channels.email import NotTaken, Refused
from shop.bus import Unavailable
from shop.runner.ports import free_ports


class Broken(BaseEmailBackend):
    """A way for mails that fails."""

    error: ClassVar[Exception]

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:  # noqa: ARG002 - Django's signature
        raise self.error


@pytest.fixture
def broken(settings: Settings) -> type[Broken]:
    settings.EMAIL_BACKEND = f"{Broken.__module__}.{Broken.__qualname__}"
    return Broken


def _send(reference: str = "1", subject: str = "Hello") -> None:
    email.send(reference=reference, address="ada@example.com", subject=subject, body="Dear Ada", html="<p>Dear Ada</p>")


def test_a_mail_carries_its_message_id_and_comes_from_the_shop_as_text_and_as_html() -> None:
    _send("7.1")

    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    assert sent.message()["Message-ID"] == "<7.1@example.com>"
    assert sent.message()["Auto-Submitted"] == "auto-generated"
    assert (sent.from_email, sent.to, sent.subject) == ("Shop <shop@example.com>", ["ada@example.com"], "Hello")
    assert sent.body == "Dear Ada\n\n-- \nShop\nhttp://localhost:8000\n"
    assert sent.alternatives == [("<p>Dear Ada</p>", "text/html")]


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
        smtplib.SMTPConnectError(554, "not now"),
        smtplib.SMTPServerDisconnected("hung up"),
        smtplib.SMTPAuthenticationError(535, b"who are you"),
        smtplib.SMTPSenderRefused(421, b"closing", "shop@example.com"),
        smtplib.SMTPDataError(421, b"closing"),
        smtplib.SMTPRecipientsRefused({"ada@example.com": (421, b"closing")}),
    ],
)
def test_a_mail_server_that_cannot_be_asked_is_away_whatever_the_mail(error: Exception, broken: type[Broken]) -> None:
    broken.error = error

    with pytest.raises(Unavailable, match="the mail server is away"):
        _send()


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (smtplib.SMTPRecipientsRefused({"ada@example.com": (550, b"no such user")}), Refused),
        (smtplib.SMTPRecipientsRefused({"ada@example.com": (450, b"come back later, ada")}), NotTaken),
        (smtplib.SMTPDataError(550, b"no such user: Ada"), Refused),
        (smtplib.SMTPDataError(452, b"the disk is full"), NotTaken),
        (smtplib.SMTPSenderRefused(550, b"not from ada@example.com", "shop@example.com"), NotTaken),
        (smtplib.SMTPHeloError(501, b"what?"), NotTaken),
        (smtplib.SMTPNotSupportedError("no SMTPUTF8"), NotTaken),
        (AnymailRecipientsRefused("ada@example.com is not on the list"), Refused),
    ],
)
def test_a_mail_that_is_refused_says_why_and_whether_for_good_without_the_address(
    error: Exception, verdict: type[Exception], broken: type[Broken]
) -> None:
    broken.error = error

    with pytest.raises(verdict) as raised:
        _send()

    assert type(error).__name__ in str(raised.value)
    assert "ada" not in str(raised.value).lower()


def test_what_cannot_be_a_mail_is_said_as_it_is(broken: type[Broken]) -> None:
    broken.error = ValueError("not an address")

    with pytest.raises(ValueError, match="not an address"):
        _send()


@pytest.mark.parametrize("subject", ["Hello\nBcc: evil@example.com", "Hello\r\n\r\nbody"])
def test_a_subject_with_line_breaks_is_refused(subject: str) -> None:
    with pytest.raises(ValueError, match="newlines"):
        _send(subject=subject)

    assert mail.outbox == []


# --- A provider's API, by way of anymail --------------------------------------------------------------------


INACTIVE = "Found inactive addresses: ada@example.com. Inactive recipients are ones that have bounced."


class Provider(BaseHTTPRequestHandler):
    """A provider of mails on loopback, which answers as it is told."""

    status: ClassVar[int]
    code: ClassVar[int]
    received: ClassVar[list[dict[str, Any]]]

    def do_POST(self) -> None:
        self.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        said = {
            "ErrorCode": self.code,
            "Message": INACTIVE if self.code else "OK",
            "MessageID": "1",
            "To": "ada@example.com",
        }
        body = json.dumps(said).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def provider(settings: Settings) -> Iterator[type[Provider]]:
    server = HTTPServer(("127.0.0.1", 0), Provider)
    Provider.status, Provider.code, Provider.received = 200, 0, []
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {
        "POSTMARK_SERVER_TOKEN": "of a test",
        "POSTMARK_API_URL": f"http://127.0.0.1:{server.server_port}/",
    }
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Provider
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_provider_gets_text_and_html_and_the_message_id(provider: type[Provider]) -> None:
    _send("7.1")

    (sent,) = provider.received
    assert (sent["To"], sent["Subject"], sent["HtmlBody"]) == ("ada@example.com", "Hello", "<p>Dear Ada</p>")
    assert sent["TextBody"].startswith("Dear Ada")
    assert {"Name": "Message-ID", "Value": "<7.1@example.com>"} in sent["Headers"]


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (400, 0, NotTaken),
        (422, 406, Refused),  # an address that bounced before
        (422, 11, NotTaken),
        (401, 10, Unavailable),
        (429, 0, Unavailable),
        (500, 0, Unavailable),
        (503, 0, Unavailable),
    ],
)
def test_a_providers_answer_tells_whether_it_is_about_this_mail(
    status: int, code: int, verdict: type[Exception], provider: type[Provider]
) -> None:
    provider.status, provider.code = status, code

    with pytest.raises(verdict) as raised:
        _send()

    assert "ada@" not in str(raised.value)


def test_a_provider_that_cannot_be_reached_is_away(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    (port,) = free_ports(1)
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "of a test", "POSTMARK_API_URL": f"http://127.0.0.1:{port}/"}

    with pytest.raises(Unavailable):
        _send()
