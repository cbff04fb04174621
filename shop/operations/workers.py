"""How the workers are getting on: what each queue waits for, who is at it, and what looks stuck.

Liveness is progress: a worker that has looked after its queues lives, whatever its process looks like.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from shop.bus import reading
from shop.bus.reading import Backlog, Count, Held

STUCK = 60.0  # seconds; a drain ends after ten, and its worker comes back within two


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found at one look.

    `unvisited` has seconds by queue, None while Redis, which knows them, is away; `held_back` how many wait for a
    dependency that is away, and what it said.
    """

    backlogs: list[Backlog]
    lanes: list[Held]
    unvisited: dict[str, float] | None
    held_back: dict[str, tuple[int, str]] = field(default_factory=dict)
    dead_letters: dict[str, int] = field(default_factory=dict)
    counts: list[Count] = field(default_factory=list)

    @property
    def complaints(self) -> list[str]:
        """What looks stuck, a sentence each; none if all is well."""
        return [*self._of_work(), *self._of_visits(), *self._of_lanes()]

    def _of_work(self) -> Iterator[str]:
        for backlog in self.backlogs:
            if backlog.age > STUCK:
                yield f"{backlog.queue}: {backlog.due} due, the oldest for {backlog.age:.0f} s"

    def _of_visits(self) -> Iterator[str]:
        if self.unvisited is None:
            yield "Redis does not answer: nobody is rung, and nobody works"
            return
        for backlog in self.backlogs:
            seconds = self.unvisited.get(backlog.queue)
            if seconds is None:
                yield f"{backlog.queue}: no worker has ever looked after it, or not for a day"
            elif seconds > STUCK:
                yield f"{backlog.queue}: no worker has looked after it for {seconds:.0f} s"

    def _of_lanes(self) -> Iterator[str]:
        for lane in self.lanes:
            if lane.seconds is None or lane.seconds <= STUCK:
                continue
            if lane.pid:
                whose = f"session {lane.pid} of {lane.host} has had it"
                yield f"{lane.queue}/{lane.lane}: {whose} for {lane.seconds:.0f} s, with {lane.in_hand} in hand"
            else:
                yield f"{lane.queue}/{lane.lane}: a drain died {lane.seconds:.0f} s ago, with {lane.in_hand} in hand"


def look() -> Report:
    """Ask the database, and Redis for visits, how things are."""
    return Report(
        backlogs=reading.backlogs(),
        lanes=reading.held_lanes(),
        unvisited=reading.unvisited(),
        held_back=reading.held_back(),
        dead_letters=reading.dead_letters(),
        counts=reading.counts(),
    )
