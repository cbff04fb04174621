"""Gateways: who really moves the money, behind one protocol."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Protocol, runtime_checkable

import msgspec
from django.conf import settings
from django.utils.module_loading import import_string

from shop.money import Money


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted: an operation under its idempotency key; `charge` is the gateway's own id, once there is one."""

    key: str
    operation: str
    amount: Money
    method: str
    charge: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway has done. A refusal is a result, with a stable `code`.

    With an `action_url` nothing is done yet: the customer has to go there first (3-D Secure, say).
    """

    done: bool
    charge: str
    code: str = ""
    action_url: str = ""


class NoAnswer(Exception):
    """The gateway was asked and did not answer: whether it has acted is unknown until it is asked by key."""


class Gateway(Protocol):
    """Moves money. Both calls take ten seconds at most.

    They raise `NoAnswer` when the outcome is unknown, and `shop.bus.Unavailable` when nothing was sent.
    """

    def perform(self, request: Request) -> Result:
        """Do what is wanted, once per key: the same key again gets the first result again.

        To `look` at a charge moves nothing, and says how it stands now.
        """

    def find(self, key: str) -> Result | None:
        """What was done under this key; None if the gateway has never seen it."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the gateway has done, as its own book has it."""

    key: str
    operation: str
    charge: str
    amount: Money


@runtime_checkable
class KeepsBook(Gateway, Protocol):
    """A gateway whose book can be compared with ours; a real one calls it a report, or lists its charges."""

    def statement(self, *, since: datetime) -> Iterator[Entry]:
        """All that was done since then, in any order; what was refused is not in it. It may be long: it is streamed.

        Raises as the other calls do, and may take longer.
        """


@cache
def gateway() -> Gateway:
    """The gateway named by `PAYMENT_GATEWAY`."""
    made: Gateway = import_string(settings.PAYMENT_GATEWAY)()
    return made
