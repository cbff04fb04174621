"""The outside world: the sandbox's gateway and mailbox, and what may befall those who ask them.

Both keep their books in transactions of their own, so what they have done stays done, whoever dies.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from django.core.mail import EmailMessage

from notifications.channels.mailbox import MailboxBackend
from payments.gateways import NoAnswer, Request, Result
from payments.gateways.sandbox import SandboxGateway
from shop.bus import Unavailable
from tests.simulation.places import AFTER, BEFORE

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")

AWAY, TWICE, DECLINED, UNHEARD = "away", "twice", "declined", "unheard"


class Outside:
    """Whom the world is asked about."""

    world: ClassVar[World]


class Gateway(SandboxGateway):
    """Pays, declines, is away, acts twice on one request, or acts and is not heard."""

    def perform(self, request: Request) -> Result:
        happens = Outside.world.asked(BEFORE)
        if happens == AWAY:
            raise Unavailable("nobody picks up")
        if happens == TWICE:
            super().perform(request)
        refused = happens == DECLINED and request.operation == "authorise"
        result = self._act(request, code="card_declined") if refused else super().perform(request)
        return _heard(result, NoAnswer("the gateway did not answer in time"))

    def find(self, key: str) -> Result | None:
        if Outside.world.asked(BEFORE) == AWAY:
            raise Unavailable("nobody picks up")
        return _heard(super().find(key), NoAnswer("the gateway did not answer in time"))


class MailServer(MailboxBackend):
    """Takes mails, is away, or takes one and is not heard."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if Outside.world.asked(BEFORE) == AWAY:
            raise ConnectionRefusedError("nobody listens")
        Outside.world.sent(str(email_messages[0].extra_headers["Message-ID"]))
        return _heard(super().send_messages(email_messages), smtplib.SMTPServerDisconnected("gone"))


def _heard(result: T, silence: Exception) -> T:
    if Outside.world.asked(AFTER) == UNHEARD:
        raise silence
    return result


Ask = Callable[[], str]
