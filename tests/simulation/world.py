"""The world of one schedule: a shop of a few processes, its people, Redis, the clock, and what happens to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connections

from inventory import services as inventory
from shop.bus import bells
from shop.bus.handlers import OUT, queues
from shop.bus.tasks import drain
from tests.simulation import places
from tests.simulation.bells import Redis
from tests.simulation.choosing import Choices
from tests.simulation.clock import Clock
from tests.simulation.outside import UNHEARD, Outside
from tests.simulation.people import Person
from tests.simulation.places import AFTER, BEFORE, CALLS, Point
from tests.simulation.processes import Process
from tests.simulation.scenario import Scenario
from tests.simulation.scripts import counting, customer, staff
from tests.simulation.steps import CRASH, CUT, MEANWHILE, Deed, Step

_WAITS = ["2", "61", "400", "2000"]  # seconds: a short one, a lease, and some deadlines
_WORKERS, _WEBS = 3, 3
_SETTLES = "shop.bus.calls._settle commits"
_RECEIPTS = "SELECT event_id, handler, attempts FROM bus_receipt WHERE xmin = pg_current_xact_id()::xid"


class World:
    """Takes steps, and lets things happen on the way."""

    def __init__(self, scenario: Scenario, choices: Choices, clock: Clock, tokens: dict[str, str]) -> None:
        self.scenario = scenario
        self.choices = choices
        self.clock = clock
        self.redis = Redis(clock)
        self.observer = Process(self, "observer", watched=False)
        self.workers = [Process(self, f"worker {number}") for number in range(_WORKERS)]
        self.webs = [Process(self, f"web {number}") for number in range(_WEBS)]
        self.orders: dict[str, str] = {}
        self.people = self._people(tokens)
        self.steps: list[Step] = []
        self.trail: list[str] = []
        self.met: Counter[tuple[str, str]] = Counter()
        self.happened: Counter[str] = Counter()
        self.in_doubt: set[str] = set()
        self.accidents: list[tuple[str, str]] = []
        self.late: list[tuple[object, ...]] = []
        self._running: list[Process] = []
        self._times: Counter[tuple[str, str]] = Counter()
        self._is_calm = False

    def __enter__(self) -> World:
        self._before = connections["default"]
        connections["default"] = self.observer.connection
        Outside.world = self
        self.observer.tell("SELECT set_config('lock_timeout', '5s', false)", [])  # it never stands in anybody's way
        inventory.open_levels(pieces=self.scenario.stock)
        return self

    def __exit__(self, *raised: object) -> None:
        connections["default"] = self._before
        for process in [self.observer, *self.workers, *self.webs]:
            process.end()

    # --- Steps ----------------------------------------------------------------------------------------------

    def play(self) -> None:
        """Steps as they are chosen, until it is enough."""
        while step := self.choices.step(self.possible()):
            self.steps.append(step)
            self._times.clear()
            self.take(step)

    def possible(self) -> list[Step]:
        """What may happen next."""
        steps = [Step("drain", queue) for queue in sorted(set(self.redis.messages))]
        steps += [Step("act", person.name) for person in self.people.values() if not person.has_finished]
        if not self.scenario.sweeps:
            return steps
        steps += [Step("sweep", domain) for domain in domains()]
        steps += [Step("wait", seconds) for seconds in _WAITS] + [Step("set", "61")]
        if self.redis.messages:
            steps += [Step("lose", what) for what in ("messages", "flags", "all")]
            steps += [Step("repeat", self.redis.messages[0])]
        return steps

    def take(self, step: Step) -> None:
        """Take a step, by whoever is free for it."""
        self.clock.passed += 0.01
        _VERBS[step.verb](self, step.what)

    def _drain(self, queue: str) -> None:
        if worker := _free(self.workers):
            self.redis.messages.remove(queue)
            self._run(worker, lambda: drain.run(queue))

    def _act(self, name: str) -> None:
        web = _free(self.webs)
        person = self.people[name]
        if web and self.observer.run(person.wish):
            with self._at_work(web):
                person.ask(web)

    def _sweep(self, domain: str) -> None:
        if worker := _free(self.workers):
            rung = [queue for queue in queues() if queue in {domain, domain + OUT}]
            self._run(worker, lambda: bells.ring_now(rung))

    def _wait(self, seconds: str) -> None:
        self.clock.passed += float(seconds)

    def _set(self, seconds: str) -> None:
        """Leases end that are not over, as whoever is at work has it."""
        self.clock.set_forward += float(seconds)
        for process in self._running:
            process.is_late = True

    def _repeat(self, queue: str) -> None:
        self.redis.messages.append(queue)

    def _run(self, process: Process, work: Callable[[], object]) -> None:
        with self._at_work(process):
            process.run(work)

    @contextmanager
    def _at_work(self, process: Process) -> Iterator[None]:
        process.is_late = False
        process.unsettled.clear()
        self._running.append(process)
        yield
        self._running.pop()
        self._bury()

    def _bury(self) -> None:
        for place in (self.workers, self.webs):
            for number, process in enumerate(place):
                if process.is_dead and not process.is_busy:
                    place[number] = Process(self, process.name, keeps_house=True)

    # --- On the way -----------------------------------------------------------------------------------------

    def reach(self, process: Process, what: str, moment: str) -> str:
        """A process has come to a point: something happens there, or mostly nothing."""
        place = f"{places.owner()} {what}"
        if what != places.RUNS:
            self.met[place, moment] += 1
        if self._is_calm:
            return ""
        self.trail.append(f"{process.name}: {moment} {place}")
        self._times[place, moment] += 1
        point = Point(place, moment, self._times[place, moment])
        kind = self.choices.deed(what, point, depth=len(self._running))
        self._settle(process, (place, moment), kind)
        if kind is None:
            return ""
        return self._happens(process, point, kind)

    def _happens(self, process: Process, point: Point, kind: str) -> str:
        deed = Deed(kind)
        if kind == MEANWHILE:
            step = self.choices.meanwhile(point, self.possible())
            if step is None:
                return ""
            deed = Deed(kind, step)
        self.steps[-1].happens[point] = deed
        self.happened[kind] += 1
        if kind == CRASH:
            process.kill()
        elif kind == CUT:
            process.cut()
        elif deed.step:
            self.take(deed.step)
        return kind

    def asked(self, moment: str) -> str:
        """The outside is asked by whoever runs now; if nobody does, by who checks."""
        return self._running[-1].reach(CALLS, moment) if self._running else ""

    def sent(self, message: str) -> None:
        """A mail has left; whether we know of that is decided when its answer is written down."""
        self._running[-1].unsettled.add(message)

    def _settle(self, process: Process, point: tuple[str, str], kind: str | None) -> None:
        """What was sent and not written down by the end of its sender may be sent again."""
        if point == (_SETTLES, BEFORE):
            leased = places.settling()
            written = process.tell(_RECEIPTS, [])
            self.late += [row for row in written if leased.get((row[0], row[1]), row[2]) != row[2]]
        if point == (_SETTLES, AFTER):
            process.unsettled.clear()
        if kind in {CRASH, CUT, UNHEARD} or process.is_late:
            self.in_doubt |= process.unsettled

    def be_calm(self) -> None:
        """From now on nothing happens by chance."""
        self._is_calm = True

    def _people(self, tokens: dict[str, str]) -> dict[str, Person]:
        people = []
        for plan in self.scenario.plans:
            people.append(Person(f"customer of {plan.name}", tokens["customer"], customer(plan, self.orders)))
            if plan.ships or plan.refunds:
                people.append(Person(f"staff for {plan.name}", tokens["staff"], staff(plan, self.orders)))
        if self.scenario.counts:
            people.append(Person("who counts", tokens["staff"], counting("count", self.scenario.counts)))
        return {person.name: person for person in people}


_VERBS: dict[str, Callable[[World, str], None]] = {
    "drain": World._drain,
    "act": World._act,
    "sweep": World._sweep,
    "wait": World._wait,
    "set": World._set,
    "lose": lambda world, what: world.redis.lose(what),
    "repeat": World._repeat,
}


def _free(processes: list[Process]) -> Process | None:
    return next((process for process in processes if not process.is_busy), None)


def domains() -> list[str]:
    return sorted({queue.removesuffix(OUT) for queue in queues()})
