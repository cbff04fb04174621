"""Lanes: one drain at a time in each, and a marker that tells when one died with work in its hands."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from pytest_django import Settings

from shop.bus import Answer, Outside, lanes, pace, subscribe, tasks
from shop.bus.handlers import lane_of, queues
from shop.bus.models import Delivery, Marker, Receipt
from shop.bus.models import Event as Logged
from shop.bus.tasks import drain
from shop.clock import ShopNow
from tests.bus.conftest import Session
from tests.bus.facts import LampLit, light
from tests.bus.stage import notes
from tests.processes import eventually

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "test_lanes"


@pytest.fixture(autouse=True)
def wave() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)
        if event.number < 0:
            raise RuntimeError("a wave too high")


# --- The lock -----------------------------------------------------------------------------------------------


def test_a_lane_that_another_session_holds_is_left_alone_at_once(somebody_else: Session) -> None:
    light(1)
    with _held_by(somebody_else):
        began = time.monotonic()
        drain.run(QUEUE)
        seconds = time.monotonic() - began

    assert seconds < 1.5
    assert notes.read() == []
    assert not Marker.objects.exists()


def test_a_lane_is_free_again_when_its_session_is_gone(somebody_else: Session) -> None:
    light(1)
    with _held_by(somebody_else):
        somebody_else.close()

        def done() -> bool:
            drain.run(QUEUE)
            return notes.numbers() == [1]

        eventually(done, "the lane is drained by who comes next")


def test_other_lanes_go_on_while_one_is_held(settings: Settings, somebody_else: Session) -> None:
    settings.BUS_LANES = {QUEUE: 4}
    for number, lamp in enumerate("abcdefgh"):
        light(number, lamp=lamp)
    with _held_by(somebody_else, lane=2):
        drain.run(QUEUE)

    left = set(Delivery.objects.values_list("lane", flat=True))
    assert left == {2}
    assert sorted(notes.numbers()) == [number for number, lamp in enumerate("abcdefgh") if lane_of(QUEUE, lamp) != 2]


def test_who_leaves_a_lane_sees_work_that_came_meanwhile() -> None:
    with lanes.held(QUEUE, 0) as lane:
        assert lane is not None
        assert not lane.look(10)
        light(1)

    assert lane.more


def test_who_leaves_a_lane_in_which_nothing_is_due_is_done() -> None:
    light(1)
    Delivery.objects.update(due_at=ShopNow() + timedelta(minutes=1))

    with lanes.held(QUEUE, 0) as lane:
        assert lane is not None

    assert not lane.more


def test_a_lane_is_let_go_whatever_happens_in_it(somebody_else: Session) -> None:
    with pytest.raises(RuntimeError), lanes.held(QUEUE, 0):
        raise RuntimeError

    with _held_by(somebody_else):
        """Somebody else can take it."""


def test_an_idle_drain_writes_nothing() -> None:
    @subscribe(LampLit, outside=True)
    class Signal(Outside[LampLit, int, None]):
        def prepare(self, events: Sequence[LampLit]) -> Sequence[int | None]:
            return [event.number if event.number > 0 else None for event in events]

        def call(self, intent: int) -> None: ...

        def settle(self, answers: Sequence[Answer[LampLit, int, None]]) -> None: ...

    light(1, -1)  # the second waits for its next attempt, in the first queue
    for queue in queues():
        drain.run(queue)  # once with work, and once so that what is made at the first time is made
        drain.run(queue)

    written = _written()
    for queue in queues():
        drain.run(queue)

    assert _written() == written


@pytest.mark.parametrize("number", [1, 60], ids=["few", "more than a batch"])
def test_what_somebody_else_has_locked_is_not_waited_for_but_done_later(
    somebody_else: Session, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    light(*range(number))
    monkeypatch.setattr(pace, "_LARGEST", 8)
    monkeypatch.setattr(tasks, "_paces", {})
    somebody_else.execute("BEGIN")
    somebody_else.execute("SELECT FROM bus_delivery FOR UPDATE")
    began = time.monotonic()
    drain.run(QUEUE)
    assert time.monotonic() - began < 2
    assert notes.read() == []

    somebody_else.execute("COMMIT")
    drain.run(QUEUE)
    assert notes.numbers() == [*range(number)]


def test_what_is_not_locked_is_done_beside_what_is(somebody_else: Session) -> None:
    light(1, 2, 3)
    somebody_else.execute("BEGIN")
    somebody_else.execute("SELECT FROM bus_delivery WHERE seq = %s FOR UPDATE", [_delivery(2).get().seq])
    drain.run(QUEUE)
    somebody_else.execute("COMMIT")

    assert notes.numbers() == [1, 3]


# --- The marker ---------------------------------------------------------------------------------------------


def test_a_marker_names_the_fresh_before_they_are_tried_and_nothing_afterwards() -> None:
    light(1, 2, 3)
    _delivery(3).update(attempts=1)

    with lanes.held(QUEUE, 0) as lane:
        assert lane is not None
        found = lane.look(10)
    assert list(Marker.objects.values_list("seqs", flat=True)) == [found.fresh]
    assert (len(found.fresh), len(found.tried)) == (2, 1)

    drain.run(QUEUE)
    assert list(Marker.objects.values_list("seqs", flat=True)) == [[]]


def test_what_a_dead_drain_had_in_hand_runs_alone() -> None:
    light(1, 2, 3)
    _leave_marker(1, 2)
    light(4, 5)
    drain.run(QUEUE)

    mates = Counter(note.transaction for note in notes.read())
    company = {note.number: mates[note.transaction] for note in notes.read()}
    assert company == {1: 1, 2: 1, 3: 3, 4: 3, 5: 3}
    assert Marker.objects.get().seqs == []


def test_what_a_dead_drain_had_in_hand_has_its_attempt_counted_before_its_handler_runs(
    somebody_else: Session,
) -> None:
    seen: list[int] = []

    @subscribe(LampLit)
    def look(event: LampLit) -> None:
        rows = somebody_else.execute("SELECT attempts FROM bus_delivery WHERE handler = 'test_lanes.look'")
        seen.extend(attempts for (attempts,) in rows)

    light(1)
    _leave_marker(1)
    drain.run(QUEUE)

    assert seen == [1]
    assert set(Receipt.objects.values_list("attempts", flat=True)) == {1}


def test_what_a_dead_drain_had_done_after_all_is_not_done_again() -> None:
    light(1, 2)
    _leave_marker(1, 2)
    _delivery(1).delete()
    drain.run(QUEUE)

    assert notes.numbers() == [2]
    assert Marker.objects.get().seqs == []


def test_a_batch_that_fails_leaves_no_marker() -> None:
    light(1, -2, 3)
    drain.run(QUEUE)

    assert Marker.objects.get().seqs == []
    assert Delivery.objects.get().attempts == 1


@contextmanager
def _held_by(session: Session, lane: int = 0) -> Iterator[None]:
    """The lane is another drain's, which runs in that session."""
    taken = session.execute("SELECT pg_try_advisory_lock(%s, %s)", [_key(), lane]).fetchone()
    assert taken == (True,)
    yield
    if not session.closed:
        session.execute("SELECT pg_advisory_unlock(%s, %s)", [_key(), lane])


def _key() -> int:
    """What a drain of this queue locks; asked of the database, so that the tests do not repeat the formula."""
    with lanes.held(QUEUE, 99), connection.cursor() as cursor:
        cursor.execute("SELECT classid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objid = 99")
        (key,) = cursor.fetchone()
    return int(key) - 2**32 if key >= 2**31 else int(key)


def _delivery(number: int) -> QuerySet[Delivery]:
    return Delivery.objects.filter(event_id__in=Logged.objects.filter(data__number=number).values("id"))


def _leave_marker(*numbers: int) -> None:
    seqs = [seq for number in numbers for seq in _delivery(number).values_list("seq", flat=True)]
    Marker.objects.create(queue=QUEUE, lane=0, seqs=seqs, since=ShopNow())


def _written() -> int:
    """How many records this session has written to the database's journal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT wal_records FROM pg_stat_get_backend_wal(pg_backend_pid())")
        return int(cursor.fetchone()[0])
