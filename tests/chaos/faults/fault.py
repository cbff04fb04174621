"""What a fault is: something that the nemesis does to a stage, and takes back after a while."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Literal

from tests.chaos.stage import Stage

Victim = Literal["web", "workers", "valkey", "postgres", "supervisor"]
Deed = Callable[[Stage, random.Random], Iterator[None]]

AT_ONCE = (0.0, 0.0)
"""There is nothing to take back: the supervisor, or the server itself, puts it right."""

SHORT, LONG = (0.5, 4.0), (15.0, 20.0)


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind. `victim` is what two faults at the same time may not share."""

    name: str
    victim: Victim
    lasts: tuple[float, float]
    quiet: bool
    """It holds nobody up, so that others may come beside it for as long as it lasts."""
    strike: Callable[[Stage, random.Random], AbstractContextManager[None]]


faults: dict[str, Fault] = {}


def fault(victim: Victim, lasts: tuple[float, float] = AT_ONCE, *, quiet: bool = False) -> Callable[[Deed], Deed]:
    """Declare a kind of fault: what comes before its `yield` is done, and what comes after takes it back."""

    def register(deed: Deed) -> Deed:
        name = deed.__name__.replace("_", " ")
        faults[name] = Fault(name, victim, lasts, quiet, contextmanager(deed))
        return deed

    return register
