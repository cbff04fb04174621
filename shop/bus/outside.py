"""Handlers that call the outside world: prepare in one transaction, call in none, settle in another."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from shop.bus.event import Event

log = logging.getLogger(__name__)

E = TypeVar("E", bound=Event)
Intent = TypeVar("Intent")
Outcome = TypeVar("Outcome")


class Unavailable(Exception):
    """A dependency is away: try again later, and count nothing.

    `retry_after` is how many seconds to leave the dependency alone.
    """

    def __init__(self, detail: str, *, retry_after: float = 5.0) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Answer(Generic[E, Intent, Outcome]):
    """What the outside world said to an intent."""

    event: E
    intent: Intent
    outcome: Outcome


class Outside(Generic[E, Intent, Outcome]):
    """A handler in three parts; between the first and the last nothing is locked, and many calls run at once.

    A call whose answer was lost is prepared and made again, with the same idempotency key: `prepare` sees from its own
    rows that it has been here before, and `call` then asks before it acts.
    """

    dependency: ClassVar[str] = ""
    """Whose absence holds these calls back; the handler's queue unless named."""

    def prepare(self, events: Sequence[E]) -> Sequence[Intent | None]:
        """In a transaction: write down what is intended. None for an event that needs no call."""
        raise NotImplementedError

    def call(self, intent: Intent) -> Outcome:
        """In a thread, without a transaction or locks, in ten seconds at most.

        Raise `Unavailable` if the dependency is away, anything else if the outcome is unknown.
        """
        raise NotImplementedError

    def settle(self, answers: Sequence[Answer[E, Intent, Outcome]]) -> None:
        """In a transaction: write down what came of it, with its events."""
        raise NotImplementedError

    def late(self, answer: Answer[E, Intent, Outcome]) -> None:
        """In a transaction: an answer came after its lease was taken over. It is evidence, and changes nothing."""
        log.warning("late answer to %s: %s", answer.event.subject, answer.outcome)
