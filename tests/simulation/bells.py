"""Redis as the bells know it: a flag and some messages per queue, all of which may be lost."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from shop.bus import bells
from shop.bus.handlers import lanes_of
from tests.simulation.clock import Clock
from tests.simulation.places import AFTER, BEFORE, RINGS

if TYPE_CHECKING:
    from tests.simulation.processes import Process


class Redis:
    """What Redis knows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.messages: list[str] = []
        self._flags: dict[str, float] = {}

    def ring(self, queue: str, *, anyway: bool) -> None:
        now = self._clock.monotonic()
        if anyway or self._flags.get(queue, 0.0) <= now:
            self._flags[queue] = now + bells._FLAG_SECONDS
            self.messages += [queue] * lanes_of(queue)

    def clear(self, queue: str) -> None:
        self._flags.pop(queue, None)

    def lose(self, what: str) -> None:
        """`flags`, `messages` or `all`."""
        if what in {"flags", "all"}:
            self._flags.clear()
        if what in {"messages", "all"}:
            self.messages.clear()


class Belfry:
    """Stands in for what a process rings with. The thread that really rings is quick here, or never comes to it."""

    closed_until = 0.0
    pauses = 0

    def __init__(self, redis: Redis, process: "Process") -> None:
        self._redis = redis
        self._process = process

    def wake(self, queues: Iterable[str]) -> None:
        self.ring(queues)

    def ring(self, queues: Iterable[str], *, anyway: bool = False) -> None:
        heard = self._process.reach(RINGS, BEFORE)
        if heard != "lost":
            for queue in sorted(queues):
                self._redis.ring(queue, anyway=anyway)
        self._process.reach(RINGS, AFTER)

    def clear(self, queue: str) -> None:
        self._process.must_live()
        self._redis.clear(queue)
