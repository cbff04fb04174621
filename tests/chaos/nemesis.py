"""The nemesis: from a seed it draws faults, one or two at a time, and takes each back after a while."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice

import psycopg
import redis

from tests.chaos.faults import Fault
from tests.chaos.stage import Stage

_AT_ONCE = 2
_TURN = 0.1
_HAND = 16  # draws of which the first that can be is played

_MISSED = (psycopg.Error, redis.RedisError, OSError)
"""A fault that needs what another one has just ended has missed."""


@dataclass(frozen=True, slots=True)
class Draw:
    """A fault as it was drawn: how long it lasts, how long the nemesis rests after it, and its own luck."""

    fault: Fault
    lasts: float
    rests: float
    chance: random.Random


def draws(
    kinds: Sequence[Fault], seed: int, *, rests: tuple[float, float] = (0.8, 4.5), longest: float = 20.0
) -> Iterator[Draw]:
    """Without end: all kinds, shuffled, and then all of them again in another order; with rests of some seconds."""
    chance = random.Random(f"{seed}/nemesis")  # noqa: S311 - a storm that can be had again
    while True:
        for fault in chance.sample(kinds, len(kinds)):
            own = random.Random(chance.random())  # noqa: S311
            lasts = min(chance.uniform(*fault.lasts), longest)
            yield Draw(fault, lasts, chance.uniform(*rests), own)


@dataclass
class Struck:
    """A fault that is at work."""

    draw: Draw
    until: float
    undo: ExitStack


@dataclass
class Nemesis:
    """Runs in the main thread, since it may have to start the stack again. `healed` hears of each end of a fault."""

    stage: Stage
    healed: Callable[[str], None]
    say: Callable[[str], None]
    struck: dict[str, int] = field(default_factory=dict)
    """How often each kind of fault hit."""
    _hand: list[Draw] = field(default_factory=list)
    _active: list[Struck] = field(default_factory=list)

    def rage(self, drawn: Iterator[Draw], until: float) -> None:
        """Until a moment (monotonic); at the end everything is healed."""
        try:
            pause = 0.0
            while self._rest(time.monotonic() + pause, until):
                draw = self._next(drawn)
                pause = draw.rests if draw else _TURN
                if draw:
                    self._strike(draw)
        finally:
            while self._active:
                self._heal(self._active[0])

    def _rest(self, moment: float, until: float) -> bool:
        """Wait, and heal what has lasted long enough; False if it is all over before the moment comes."""
        while (now := time.monotonic()) < min(moment, until):
            for each in [each for each in self._active if each.until <= now]:
                self._heal(each)
            time.sleep(_TURN)
        return now < until

    def _next(self, drawn: Iterator[Draw]) -> Draw | None:
        """The first whose victim nobody else is at; those before it keep their places.

        But all wait for the supervisor's turn, which comes when nobody else is at anything.
        """
        self._hand += islice(drawn, _HAND - len(self._hand))
        hand = self._hand[:1] if self._hand[0].fault.victim == "supervisor" else self._hand
        free = next((draw for draw in hand if self._is_free_for(draw.fault)), None)
        if free:
            self._hand.remove(free)
        return free

    def _is_free_for(self, fault: Fault) -> bool:
        victims = {each.draw.fault.victim for each in self._active}
        alone = {"supervisor"} & {*victims, fault.victim}
        busy = sum(not each.draw.fault.quiet for each in self._active)
        return busy < (1 if alone else _AT_ONCE) and fault.victim not in victims

    def _strike(self, draw: Draw) -> None:
        undo = ExitStack()
        name = draw.fault.name
        try:
            undo.enter_context(draw.fault.strike(self.stage, draw.chance))
        except _MISSED as error:
            self.say(f"missed: {name} ({error!r})")
            return
        self.struck[name] = self.struck.get(name, 0) + 1
        self.say(f"{name}{f', {draw.lasts:.1f} s' if draw.lasts else ''}")
        self._active.append(Struck(draw, time.monotonic() + draw.lasts, undo))

    def _heal(self, each: Struck) -> None:
        self._active.remove(each)
        try:
            each.undo.close()
        except _MISSED as error:
            self.say(f"gone already: {each.draw.fault.name} ({error!r})")
        self.healed(each.draw.fault.name)
