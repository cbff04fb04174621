"""Old weeks of the log go, and nothing that is still to be done goes with them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker, Settings

from shop.bus import dead_letters, horizon, housekeeping, partitions, replay, retention, subscribe
from shop.bus.models import DeadLetter, Delivery, Receipt, Subject
from shop.bus.models import Event as Logged
from shop.bus.partitions import Partition, Week
from shop.bus.reading import PlaceLost, log_begins, read_on, story
from shop.bus.retention import Hold
from shop.bus.tasks import drain
from shop.bus.wanted import Wanted
from shop.doctor import examine
from tests.bus.conftest import Session
from tests.bus.facts import LampLit, light
from tests.bus.stage import notes
from tests.processes import eventually
from tests.settling import settle

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "test_retention"
WAVE = f"{QUEUE}.wave"

THIS = Week.of(datetime.now(UTC))
OLDEST, OLD, YOUNG = THIS + -9, THIS + -8, THIS + -7
KEEP = 7
"""Weeks, so that the young one just stays."""


@pytest.fixture(autouse=True)
def old_weeks() -> Iterator[None]:
    """Three weeks of long ago, with a lamp lit in each and waved at."""

    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    weeks = {Partition(week, table) for week in (OLDEST, OLD, YOUNG) for table in ("bus_event", "bus_receipt")}
    partitions._make(weeks)
    for number, week in enumerate((OLDEST, OLD, YOUNG), 1):
        light(number)
        _grow_old(week)
        drain.run(QUEUE)
    yield
    _, there = partitions.look()
    with connection.cursor() as cursor:
        for partition in there & weeks:
            cursor.execute(f"DROP TABLE {partition}")


def test_old_weeks_go_with_their_receipts_and_the_young_stay() -> None:
    assert retention.plan(keep=KEEP) == retention.Plan([OLDEST, OLD], None)

    gone = retention.drop(keep=KEEP)

    assert {(each.table, each.week) for each in gone} == {*product(("bus_event", "bus_receipt"), (OLDEST, OLD))}
    assert _kept() == [3]
    assert Receipt.objects.count() == 1
    assert log_begins() == YOUNG.start
    assert retention.drop(keep=KEEP) == []


def test_what_was_dropped_happens_no_second_time() -> None:
    retention.drop(keep=KEEP)

    assert replay.deliver(Wanted(handlers=[WAVE], missing=True)).delivered == 0
    assert notes.numbers() == [1, 2, 3]


def test_a_subject_goes_on_with_its_numbers() -> None:
    retention.drop(keep=KEEP)
    light(4)

    assert list(Logged.objects.order_by("position").values_list("sequence", flat=True)) == [3, 4]
    assert Subject.objects.get().sequence == 4
    assert [each for each in examine(since=OLDEST.start) if each.app == "bus" and each.broken] == []
    assert [chapter.event.sequence for chapter in story("a")] == [3, 4], "a story begins where the log does"


def test_a_reader_who_stands_before_the_log_is_told_so_and_others_go_on() -> None:
    settle()
    early, late = (read_on(None, limit=number).place for number in (1, 3))

    retention.drop(keep=KEEP)

    with pytest.raises(PlaceLost):
        read_on(early, limit=10)
    assert read_on(late, limit=10).events == []
    assert [event.data["number"] for event in read_on(None, limit=10).events] == [3]


# --- What holds a week --------------------------------------------------------------------------------------


def _owe(week: Week, *, due_at: datetime) -> None:
    event = Logged.objects.get(id__gte=week.first_id, id__lt=(week + 1).first_id)
    Delivery.objects.create(event_id=event.pk, handler="lamps.look_again", queue="lamps", lane=0, due_at=due_at)


def test_a_week_with_work_to_do_stays_and_so_do_those_after_it() -> None:
    due_at = datetime.now(UTC) + timedelta(days=100)
    _owe(OLD, due_at=due_at)

    plan = retention.plan(keep=2)
    retention.drop(keep=2)

    assert (plan.weeks, plan.hold) == ([OLDEST], Hold(OLD, deliveries=1, due_at=due_at, letters=0))
    assert _kept() == [2, 3]


def test_a_week_with_a_dead_letter_stays_until_it_is_retried_or_let_go() -> None:
    _owe(OLDEST, due_at=datetime.now(UTC))
    drain.run("lamps")

    plan = retention.plan(keep=KEEP)
    assert (plan.weeks, plan.hold) == ([], Hold(OLDEST, deliveries=0, due_at=None, letters=1))
    assert retention.drop(keep=KEEP) == []

    dead_letters.let_go(DeadLetter.objects.all())
    retention.drop(keep=KEEP)
    assert _kept() == [3]


def test_who_delivers_an_old_event_just_then_is_waited_for_and_holds_its_week(somebody_else: Session) -> None:
    """As a replay does, or a letter that is retried: its delivery is not committed yet."""
    event_id = Logged.objects.earliest("id").pk
    somebody_else.execute("SET statement_timeout = '10s'")
    with somebody_else.transaction():
        somebody_else.execute("SELECT pg_advisory_xact_lock_shared(%s)", [horizon._LOCK])
        somebody_else.execute(
            "INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at) VALUES (%s, 'a.b', 'a', 0, now())",
            [event_id],
        )
        assert retention.drop(keep=KEEP) == [], "it is left to the next time"
    assert retention.drop(keep=KEEP) == []

    assert _kept() == [1, 2, 3]


def test_behind_the_horizon_nobody_delivers_though_the_week_is_still_there() -> None:
    _owe(OLDEST, due_at=datetime.now(UTC))
    drain.run("lamps")
    Receipt.objects.all().delete()
    horizon.move((OLD + 1).first_id)

    assert replay.preview(Wanted(handlers=[WAVE], missing=True)).delivered == 1
    assert replay.deliver(Wanted(handlers=[WAVE], missing=True)).delivered == 1
    assert dead_letters.retry(DeadLetter.objects.all()) == 0


def test_the_horizon_never_moves_back() -> None:
    horizon.move(OLD.first_id)
    horizon.move(OLDEST.first_id)

    assert horizon.seen() == OLD.first_id


def test_this_week_and_the_last_stay_whatever_is_said() -> None:
    assert max(retention.plan(keep=1).weeks) < THIS + -1


# --- Beside others ------------------------------------------------------------------------------------------


def test_a_second_process_at_it_does_nothing(somebody_else: Session) -> None:
    somebody_else.execute("SELECT pg_advisory_lock(%s)", [retention._LOCK])

    assert retention.drop(keep=KEEP) == []


def test_a_long_transaction_is_not_waited_for_and_hurts_nobody(somebody_else: Session) -> None:
    with somebody_else.transaction():
        somebody_else.execute("SELECT FROM bus_event LIMIT 1")

        assert retention.drop(keep=KEEP) == []
        light(4)
        drain.run(QUEUE)
        assert notes.numbers() == [1, 2, 3, 4]

    assert len(retention.drop(keep=KEEP)) == 4, "what was begun is taken up"
    assert _kept() == [3, 4]


def test_who_is_killed_in_the_midst_leaves_the_rest_to_the_next(
    somebody_else: Session, django_db_blocker: DjangoDbBlocker
) -> None:
    def prune() -> None:
        with django_db_blocker.unblock(), pytest.raises(OperationalError):
            retention.drop(keep=KEEP)
        connection.close()

    with ThreadPoolExecutor(1) as threads, somebody_else.transaction():
        somebody_else.execute("SELECT FROM bus_event LIMIT 1")
        pruning = threads.submit(prune)
        eventually(_end_who_detaches, "it is at it, and ended")
        pruning.result(10)
    light(4)

    assert len(retention.drop(keep=KEEP)) == 4
    assert _kept() == [3, 4]


def _end_who_detaches() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'ALTER TABLE%DETACH%' AND wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(cursor.fetchall())


def test_a_week_that_was_detached_and_not_dropped_goes_the_next_time() -> None:
    horizon.move(OLD.first_id)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE bus_receipt DETACH PARTITION bus_receipt_{OLDEST} CONCURRENTLY")

    assert len(retention.drop(keep=KEEP)) == 4
    assert _kept() == [3]


def test_what_is_called_otherwise_is_never_dropped() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bus_event_{OLDEST}_copy AS SELECT * FROM bus_event")

        retention.drop(keep=KEEP)

        cursor.execute(f"SELECT count(*) FROM bus_event_{OLDEST}_copy")
        assert cursor.fetchone() == (3,)
        cursor.execute(f"DROP TABLE bus_event_{OLDEST}_copy")


def test_writers_of_the_log_wait_for_nothing() -> None:
    """Nothing is locked but the tables that go, and the parents in a way that lets everybody read and write."""
    with CaptureQueriesContext(connection) as queries:
        retention.drop(keep=KEEP)

    detached = [query["sql"] for query in queries if "DETACH" in query["sql"]]
    assert len(detached) == 4
    assert all(sql.endswith("CONCURRENTLY") for sql in detached)
    assert not any(query["sql"].startswith(("DELETE", "TRUNCATE", "LOCK")) for query in queries)


# --- By itself, and by hand ---------------------------------------------------------------------------------


def test_workers_drop_old_weeks_where_it_is_set(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for kept in (0, KEEP):
        assert _kept() == [1, 2, 3]
        settings.BUS_KEPT = kept
        monkeypatch.setattr(housekeeping, "_next", 0.0)
        drain.run(QUEUE)

    assert _kept() == [3]


def _grow_old(week: Week) -> None:
    """What was published just now happened in that week."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM bus_event ORDER BY position DESC LIMIT 1")
        (event_id,) = cursor.fetchone()
        values = {"new": week.first_id, "old": event_id, "time": week.start}
        cursor.execute("UPDATE bus_event SET id = %(new)s, time = %(time)s WHERE id = %(old)s", values)
        cursor.execute("UPDATE bus_delivery SET event_id = %(new)s WHERE event_id = %(old)s", values)


def _kept() -> list[int]:
    return list(Logged.objects.filter(type=LampLit.name).order_by("id").values_list("data__number", flat=True))
