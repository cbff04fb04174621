from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Protocol

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from notifications.channels import connections
from notifications.models import Message
from shop.bus import calls
from shop.runner.ports import free_ports


@pytest.fixture(autouse=True)
def _no_open_circuit() -> Iterator[None]:
    """No test waits because the mail server of another one was away."""
    calls._closed_until.clear()
    yield
    calls._closed_until.clear()


def written() -> Message:
    """The one mail that was written."""
    return Message.objects.get(channel="email")


@pytest.fixture
def mailbox(settings: Settings) -> None:
    """Mails arrive in the mailbox of the development stack."""
    settings.EMAIL_BACKEND = "notifications.channels.mailbox.MailboxBackend"


class PostOffice:
    """A real mail server on loopback; `answer` may refuse what it hears, or hang up."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.sessions: list[Session] = []
        self.answer: Callable[[SMTP], str] = lambda _server: "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        self.received.append(envelope)
        self.sessions.append(session)
        return self.answer(server)

    @property
    def mails(self) -> list[EmailMessage]:
        """What was received, as its reader's program would take it apart."""
        return [
            message_from_bytes(envelope.original_content or b"", policy=policy.default) for envelope in self.received
        ]


class OpenPostOffice(Protocol):
    def __call__(self) -> AbstractContextManager[PostOffice]: ...


@pytest.fixture
def open_post_office(settings: Settings) -> OpenPostOffice:
    """Mail goes by SMTP to a port where nobody listens, but while `with open_post_office() as post_office:` runs."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    (settings.EMAIL_PORT,) = free_ports(1)

    @contextmanager
    def opened() -> Iterator[PostOffice]:
        post_office = PostOffice()
        controller = Controller(post_office, hostname="127.0.0.1", port=settings.EMAIL_PORT)
        controller.start()
        try:
            yield post_office
        finally:
            controller.stop()
            connections.close_idle()

    return opened
