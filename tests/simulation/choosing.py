"""Who decides what happens: chance, from a seed; or a schedule that was written down."""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from random import Random
from typing import Protocol

from tests.simulation import outside
from tests.simulation.places import AFTER, BEFORE, CALLS, COMMITS, RINGS, RUNS, Point
from tests.simulation.steps import CRASH, CUT, LOST, MEANWHILE, Step


class Choices(Protocol):
    """What the world asks."""

    def step(self, possible: Sequence[Step]) -> Step | None:
        """What is next; None when it is enough."""

    def deed(self, what: str, point: Point, *, depth: int) -> str | None:
        """What happens at this point."""

    def meanwhile(self, point: Point, possible: Sequence[Step]) -> Step | None:
        """Who does something at this point, while others wait."""


_DEEDS: dict[tuple[str, str], dict[str, float]] = {
    (RUNS, BEFORE): {CRASH: 0.0015, CUT: 0.0005, MEANWHILE: 0.006},
    (COMMITS, BEFORE): {CRASH: 0.01, CUT: 0.003, MEANWHILE: 0.02},
    (COMMITS, AFTER): {CRASH: 0.01, CUT: 0.003, MEANWHILE: 0.03},
    (RINGS, BEFORE): {CRASH: 0.01, LOST: 0.04, MEANWHILE: 0.01},
    (RINGS, AFTER): {CRASH: 0.01, MEANWHILE: 0.01},
    (CALLS, BEFORE): {CRASH: 0.02, outside.AWAY: 0.03, outside.TWICE: 0.02, outside.DECLINED: 0.02, MEANWHILE: 0.05},
    (CALLS, AFTER): {CRASH: 0.03, CUT: 0.02, outside.UNHEARD: 0.05, MEANWHILE: 0.06},
}
_WEIGHTS = {"drain": 10.0, "act": 5.0, "sweep": 1.5, "wait": 0.6, "set": 0.3, "lose": 0.5, "repeat": 0.7}
_INTEREST = ((2, 4.0), (10, 1.5), (math.inf, 0.5))
"""How many times more happens at a place, by how often it was met."""
_EAGER, _FAVOUR = 20.0, 8.0
_STEPS = 30
_DEATHS = 4
_DEPTH = 2


class Chance:
    """Chooses by a seed. Some schedules are calm, others wild; without sweeps nothing is lost and nobody dies.

    More happens at places that one seldom comes by, and much more at those that `eager` is a part of.
    """

    def __init__(self, seed: int, *, sweeps: bool, eager: str = "") -> None:
        self._chance = Random(f"schedule {seed}")  # noqa: S311 - to be had again
        self._wildness = self._chance.choice([0.3, 1.0, 1.0, 2.0])
        self._favourite = self._chance.choice(["drain", "act"])
        self._sweeps = sweeps
        self._eager = eager
        self._met: Counter[tuple[str, str]] = Counter()
        self._left = _STEPS
        self._deaths = _DEATHS

    def step(self, possible: Sequence[Step]) -> Step | None:
        self._left -= 1
        return self._one_of(possible) if self._left >= 0 and possible else None

    def deed(self, what: str, point: Point, *, depth: int) -> str | None:
        drawn = self._chance.random() / (self._wildness * self._interest(point))
        for kind, share in _DEEDS[what, point.moment].items():
            if drawn < share:
                return kind if self._may(kind, depth) else None
            drawn -= share
        return None

    def meanwhile(self, point: Point, possible: Sequence[Step]) -> Step | None:
        """Work and people get into each other's way; while the outside is asked, clocks move and leases end."""
        favoured = {"wait", "set"} if point.place.endswith(CALLS) else {self._favourite}
        return self._one_of(possible, favoured) if possible else None

    def _interest(self, point: Point) -> float:
        self._met[point.place, point.moment] += 1
        if self._eager and self._eager in point.place:
            return _EAGER
        return next(times for met, times in _INTEREST if self._met[point.place, point.moment] <= met)

    def _may(self, kind: str, depth: int) -> bool:
        if kind == MEANWHILE:
            return depth < _DEPTH
        if not self._sweeps:
            return kind in {outside.TWICE, outside.DECLINED}
        if kind in {CRASH, CUT}:
            self._deaths -= 1
            return self._deaths >= 0
        return True

    def _one_of(self, possible: Sequence[Step], favoured: Collection[str] = ()) -> Step:
        weights = [_WEIGHTS[step.verb] * (_FAVOUR if step.verb in favoured else 1.0) for step in possible]
        return self._chance.choices(possible, weights)[0]


class Script:
    """What was written down, as far as it is still possible."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = list(steps)
        self._now: Step | None = None

    def step(self, possible: Sequence[Step]) -> Step | None:
        can = {str(step) for step in possible}
        while self._steps:
            self._now = self._steps.pop(0)
            if str(self._now) in can:
                return Step(self._now.verb, self._now.what)
        return None

    def deed(self, what: str, point: Point, *, depth: int) -> str | None:  # noqa: ARG002 - as the protocol has it
        deed = self._now.happens.get(point) if self._now else None
        return deed.kind if deed else None

    def meanwhile(self, point: Point, possible: Sequence[Step]) -> Step | None:
        deed = self._now.happens[point] if self._now else None
        wanted = deed and deed.step
        return Step(wanted.verb, wanted.what) if wanted and str(wanted) in {str(step) for step in possible} else None


class Aimed(Chance):
    """Chooses by chance too, and one thing is sure: a crash at the first point where a place is met.

    Or, with a step named, that this step is taken meanwhile, whenever it is possible there; with `nth`, only where the
    place is met for that time in one step.
    """

    def __init__(
        self, seed: int, place: str, moment: str, *, step: str = "", nth: int = 0, sweeps: bool = True
    ) -> None:
        super().__init__(seed, sweeps=sweeps)
        self._aim = (place, moment)
        self._step = step
        self._nth = nth
        self.has_struck = False

    def deed(self, what: str, point: Point, *, depth: int) -> str | None:
        if not self._is_it(point) or depth > 1 or (self.has_struck and not self._step):
            return super().deed(what, point, depth=depth)
        self.has_struck = True
        return MEANWHILE if self._step else CRASH

    def meanwhile(self, point: Point, possible: Sequence[Step]) -> Step | None:
        if not (self._is_it(point) and self._step):
            return super().meanwhile(point, possible)
        return next((step for step in possible if str(step) == self._step), None)

    def _is_it(self, point: Point) -> bool:
        return (point.place, point.moment) == self._aim and self._nth in {0, point.nth}
