"""Ids that a seed has again: UUIDv7 (RFC 9562) whose random bits are no chance."""

from random import Random

from tests.simulation.clock import Clock


class Ids:
    """Stands in for what makes the number of a UUIDv7; each is greater than the one before."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock = clock
        self._chance = Random(seed)  # noqa: S311 - that is the purpose
        self._made = 0

    def __call__(self, *, nanoseconds: int | None = None) -> int:  # noqa: ARG002 - as it is called
        self._made += 1
        ms = int(self._clock.began.timestamp() * 1000) + self._made
        tail = (2 << 62) | self._chance.getrandbits(62)
        return (ms << 80) | (7 << 76) | (self._chance.getrandbits(12) << 64) | tail
