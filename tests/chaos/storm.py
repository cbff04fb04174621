"""A storm from its beginning to the table: the stack, its customers, the nemesis, and in the end the auditor."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.chaos import book
from tests.chaos.auditor import Auditor, Finding
from tests.chaos.book import Book, Debt
from tests.chaos.crowd import Clerk, Crowd
from tests.chaos.customers import Customer
from tests.chaos.faults import Fault, faults
from tests.chaos.nemesis import Nemesis, draws
from tests.chaos.preparing import prepare
from tests.chaos.stage import Stage
from tests.chaos.watch import Watch

_WARM_UP = 2.0  # seconds of ordering before the first fault
_REST = 120.0  # seconds that the shop gets to come to rest; it should need half of that
_LOOKS = 0.25  # seconds between two looks
_STORIES = 5
_UUID = 36  # characters

BOOK = "book.jsonl"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a storm is to be."""

    seed: int
    seconds: float
    customers: int = 16
    pause: float = 0.0
    """Seconds that a customer waits between two orders."""
    longest: float = 20.0
    """Seconds that a fault lasts at most."""
    rests: tuple[float, float] = (0.8, 4.5)
    """Seconds between two faults, at least and at most."""
    most_open: int = 400
    """More orders than these are not let wait."""
    kinds: Sequence[Fault] = field(default_factory=lambda: tuple(faults.values()))
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Outcome:
    """What a storm has shown."""

    plan: Plan
    struck: dict[str, int]
    debts: dict[str, Debt]
    again: Mapping[str, int]
    """How often customers had to ask again, and why."""
    slowest: float
    """The most seconds that an answer took."""
    endings: dict[str, int]
    findings: list[Finding]
    looks: int
    recoveries: dict[str, float]
    oldest: tuple[float, str]
    """The most seconds that anything due has waited in the storm, and what it was."""
    seconds_to_catch_up: float
    """From the last healing until all was done that had been due by then."""
    seconds_to_rest: float
    """From the last healing until nothing was left to do but what is due later."""
    doctor: str
    doctor_is_content: bool
    stories: list[str]
    load: tuple[float, float, float]

    @property
    def is_well(self) -> bool:
        rested = self.seconds_to_catch_up < 60 and self.seconds_to_rest < _REST
        return not self.findings and self.doctor_is_content and rested


@contextmanager
def staged(plan: Plan, say: Callable[[str], None]) -> Iterator[Stage]:
    """A stack in a throw-away folder, which stays where it is if anything goes wrong and nobody just interrupted it."""
    stage = Stage(Path(tempfile.mkdtemp(prefix="shop-chaos-")), plan.environment)
    try:
        stage.start()
        yield stage
    except KeyboardInterrupt:
        stage.stop()
        stage.discard()
        raise
    except BaseException:
        say(f"what is left of it: {stage.folder}, and of its servers {stage.home.state}")
        stage.stop()
        raise
    stage.stop()


def blow(plan: Plan, stage: Stage, say: Callable[[str], None]) -> Outcome:
    """Let customers order and the nemesis rage, heal everything, wait for rest, and judge."""
    tokens, staff = prepare(stage)
    notes = Book(stage.folder / BOOK)
    customers = [Customer(n, plan.seed, stage.port, tokens, notes) for n in range(plan.customers)]
    crowd = Crowd([*customers, Clerk(plan.seed, stage.port, staff)], plan.pause)
    watch = Watch(lambda: Auditor(stage.database_url), crowd.crowded, plan.most_open)
    nemesis = Nemesis(stage, watch.heard_of_healing, say)
    drawn = draws(plan.kinds, plan.seed, rests=plan.rests, longest=plan.longest)
    crowd.come()
    watch.begin()
    try:
        time.sleep(_WARM_UP)
        nemesis.rage(drawn, time.monotonic() + plan.seconds - _WARM_UP)
    finally:
        crowd.dismiss()
    say("all is healed")
    caught_up, rested = _seconds_to_rest(Auditor(stage.database_url), crowd)
    crowd.leave()
    watch.end()
    return _judged(plan, stage, crowd, watch, nemesis, caught_up=caught_up, rested=rested)


def _seconds_to_rest(auditor: Auditor, crowd: Crowd) -> tuple[float, float]:
    """Seconds until all was done that had been due when everything was healed, and until nothing was left to do."""
    healed = time.monotonic()
    caught_up: float | None = None
    while (passed := time.monotonic() - healed) < _REST:
        time.sleep(_LOOKS)
        with suppress(psycopg.OperationalError):  # it may still be starting
            if caught_up is None and auditor.waiting()[1] < passed:
                caught_up = passed
            if crowd.has_left and auditor.is_at_rest():
                break
    return passed if caught_up is None else caught_up, passed


def _judged(
    plan: Plan, stage: Stage, crowd: Crowd, watch: Watch, nemesis: Nemesis, *, caught_up: float, rested: float
) -> Outcome:
    auditor, debts = Auditor(stage.database_url), book.read(stage.folder / BOOK)
    findings = [*watch.findings, *auditor.judge(debts)]
    doctor = stage.manage("doctor")
    return Outcome(
        plan=plan,
        struck=nemesis.struck,
        debts=debts,
        again=crowd.again,
        slowest=crowd.slowest,
        endings=auditor.endings(),
        findings=list(dict.fromkeys(findings)),
        looks=watch.looks,
        recoveries=watch.recoveries,
        oldest=watch.oldest,
        seconds_to_catch_up=caught_up,
        seconds_to_rest=rested,
        doctor=doctor.stdout,
        doctor_is_content=doctor.returncode == 0,
        stories=_stories(auditor, findings, debts),
        load=os.getloadavg(),
    )


def _stories(auditor: Auditor, findings: Sequence[Finding], debts: Mapping[str, Debt]) -> list[str]:
    """Of the first few orders that something is wrong with."""
    told = {order: debt.told for debt in debts.values() for order in debt.orders}
    about = [order for order in dict.fromkeys(finding.order for finding in findings) if len(order) == _UUID]
    return [
        "\n".join([f"order {order}", auditor.story(order), "  what its customer knows", *map(str, told.get(order, ()))])
        for order in about[:_STORIES]
    ]
