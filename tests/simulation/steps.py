"""What happens in a schedule: steps one after the other, and in each of them what happens to it on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.simulation.places import Point

CRASH, CUT, LOST, MEANWHILE = "crash", "cut", "lost", "meanwhile"


@dataclass(frozen=True, slots=True)
class Deed:
    """What happens at a point: the process dies, its connection is cut, the outside does not do well, or a step of
    somebody else is taken meanwhile."""

    kind: str
    step: Step | None = None

    def __str__(self) -> str:
        return f"meanwhile: {self.step}" if self.step else self.kind


@dataclass(slots=True)
class Step:
    """`drain` a queue that was rung for, let somebody `act`, `sweep` a domain, `wait` or `set` the database's clock,
    `lose` bells or `repeat` one."""

    verb: str
    what: str
    happens: dict[Point, Deed] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.verb} {self.what}"

    def told(self) -> list[str]:
        return [str(self), *(f"    {point}: {deed}" for point, deed in self.happens.items())]
