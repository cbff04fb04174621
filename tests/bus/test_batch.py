"""Running handlers inside the database: together in one transaction, and alone after a failure."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from pytest_django import Settings

from shop.bus import Event, Outside, Unavailable, gather, locks, publish, subscribe
from shop.bus.models import DeadLetter, Delivery, Marker, Receipt
from shop.bus.models import Event as Logged
from shop.bus.tasks import drain
from shop.clock import ShopNow
from tests.bus.conftest import Session, StoppedTime
from tests.bus.facts import LampLit, LampPutOut, light
from tests.bus.stage import notes
from tests.conftest import Clock, Published
from tests.processes import eventually

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "test_batch"


class Storm(Exception):
    """Something that goes wrong in a test."""


# --- One transaction ----------------------------------------------------------------------------------------


def test_effects_receipt_news_and_removal_commit_together(published: Published) -> None:
    @subscribe(LampLit)
    def put_out(event: LampLit) -> None:
        notes.make("put_out", event.number, event.event_id)
        publish(LampPutOut(lamp=event.lamp))

    light(1)
    drain.run(QUEUE)

    (note,) = notes.read()
    assert published == [LampLit(lamp="a", number=1), LampPutOut(lamp="a")]
    assert not Delivery.objects.exists()
    assert _transactions("bus_receipt") == {note.transaction}
    assert _transactions("bus_event WHERE type = 'lamp.put_out'") == {note.transaction}


def test_a_receipt_says_who_did_what_and_when(clock: Clock) -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None: ...

    light(1)
    drain.run(QUEUE)

    receipt, event = Receipt.objects.get(), Logged.objects.get()
    assert (receipt.event_id, receipt.handler, receipt.attempts) == (event.pk, "test_batch.wave", 1)
    assert receipt.done_at >= event.time


def test_a_handler_that_raises_after_writing_leaves_nothing(published: Published) -> None:
    @subscribe(LampLit)
    def put_out(event: LampLit) -> None:
        notes.make("put_out", event.number)
        publish(LampPutOut(lamp=event.lamp))
        raise Storm

    light(1)
    drain.run(QUEUE)

    assert notes.read() == []
    assert published == [LampLit(lamp="a", number=1)]
    assert not Receipt.objects.exists()
    assert Delivery.objects.get().attempts == 1


def test_a_batch_is_one_transaction_and_takes_many_at_once() -> None:
    taken: list[int] = []

    @subscribe(LampLit, many=True)
    def wave(events: Sequence[LampLit]) -> None:
        taken.append(len(events))
        notes.make("wave")

    @subscribe(LampLit)
    def shout(event: LampLit) -> None:
        notes.make("shout", event.number)

    light(*range(20))
    drain.run(QUEUE)

    assert taken == [20]
    assert notes.numbers("shout") == [*range(20)]
    assert len({note.transaction for note in notes.read()}) == 1


def test_events_of_a_batch_are_written_in_one_statement_at_its_end(published: Published) -> None:
    seen: list[int] = []

    @subscribe(LampLit)
    def put_out(event: LampLit) -> None:
        publish(LampPutOut(lamp=event.lamp, number=event.number))
        seen.append(len(published.of(LampPutOut)))

    light(1, 2, 3)
    drain.run(QUEUE)

    assert seen == [0, 0, 0]
    assert [event.number for event in published.of(LampPutOut)] == [1, 2, 3]


# --- Twice --------------------------------------------------------------------------------------------------


def test_heard_twice_in_one_batch_acts_once() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    light(1, 2)
    _repeat_deliveries()
    drain.run(QUEUE)

    assert sorted(notes.numbers()) == [1, 2]
    assert len({note.transaction for note in notes.read()}) == 1, "a repeat does not make the batch fail"
    assert Receipt.objects.count() == 2
    assert not Delivery.objects.exists()


def test_heard_again_later_acts_once() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    light(1, 2)
    rows = list(Delivery.objects.values())
    drain.run(QUEUE)
    Delivery.objects.bulk_create(Delivery(**row) for row in rows)
    drain.run(QUEUE)

    assert notes.numbers() == [1, 2]
    assert Receipt.objects.count() == 2
    assert not Delivery.objects.exists()


def test_heard_twice_alone_acts_once() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    light(1)
    _repeat_deliveries()
    Delivery.objects.update(attempts=1)
    drain.run(QUEUE)

    assert notes.numbers() == [1]
    assert not Delivery.objects.exists()


# --- One bad among many -------------------------------------------------------------------------------------


def test_one_bad_of_twenty_pays_alone_and_the_others_are_done_at_once() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)
        if event.number == 13:
            raise Storm("a wave too high")

    light(*range(20))
    drain.run(QUEUE)

    assert sorted(notes.numbers()) == [number for number in range(20) if number != 13]
    left = Delivery.objects.get()
    assert (left.attempts, left.error) == (1, "Storm: a wave too high")
    assert set(Receipt.objects.values_list("attempts", flat=True)) == {1}


def test_what_was_tried_before_is_never_in_a_batch() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    light(1, 2, 3, 4)
    _deliveries(3).update(attempts=1)
    drain.run(QUEUE)

    mates = Counter(note.transaction for note in notes.read())
    assert {note.number: mates[note.transaction] for note in notes.read()} == {1: 3, 2: 3, 4: 3, 3: 1}


def test_attempts_are_counted_and_each_wait_is_four_times_as_long(settings: Settings, clock: Clock) -> None:
    settings.BUS_FIRST_WAIT = 100

    @subscribe(LampLit, attempts=8)
    def wave(event: LampLit) -> None:
        raise Storm

    light(1)
    waits = []
    for attempt in range(1, 8):
        drain.run(QUEUE)
        assert Delivery.objects.get().attempts == attempt
        waits.append(_seconds_until_due())
        clock.forward(_until_due())

    expected = [min(100 * 4**number, 3600) for number in range(7)]
    assert all(0.75 * wanted < wait < 1.25 * wanted for wait, wanted in zip(waits, expected, strict=True)), waits


def test_what_waits_for_its_next_attempt_is_left_alone() -> None:
    tries: list[int] = []

    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        tries.append(event.number)
        raise Storm

    light(1)
    drain.run(QUEUE)
    tried = len(tries)
    drain.run(QUEUE)

    assert len(tries) == tried


def test_after_the_last_attempt_it_is_a_dead_letter_with_its_error_and_its_event(clock: Clock) -> None:
    @subscribe(LampLit, attempts=3)
    def wave(event: LampLit) -> None:
        raise Storm("a wave too high")

    light(1)
    _drain_until_given_up(clock)

    letter, event = DeadLetter.objects.get(), Logged.objects.get(type="lamp.lit")
    assert (letter.handler, letter.queue, letter.attempts, letter.parked) == ("test_batch.wave", QUEUE, 3, False)
    assert letter.error == "Storm: a wave too high"
    assert letter.event is not None
    assert (letter.event["id"], letter.event["type"]) == (str(event.pk), "lamp.lit")
    assert letter.event["data"] == {"lamp": "a", "number": 1}
    assert not Receipt.objects.exists()


def test_an_error_with_a_null_byte_can_be_kept() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        raise Storm("null \0 byte")

    light(1)
    drain.run(QUEUE)

    assert Delivery.objects.get().error == "Storm: null  byte"


# --- Dependencies and conflicts -----------------------------------------------------------------------------


def test_what_lacks_a_dependency_is_put_off_and_counts_nothing(clock: Clock) -> None:
    weather = {"storm": True}

    @subscribe(LampLit, attempts=1)
    def wave(event: LampLit) -> None:
        if weather["storm"]:
            raise Unavailable("the lighthouse is closed", retry_after=100)
        notes.make("wave", event.number)

    light(1)
    for _ in range(5):
        drain.run(QUEUE)
        left = Delivery.objects.get()
        assert (left.attempts, left.error) == (0, "Unavailable: the lighthouse is closed")
        assert 95 < _seconds_until_due() <= 100
        clock.forward(_until_due())
    weather["storm"] = False
    drain.run(QUEUE)

    assert notes.numbers() == [1]
    assert not DeadLetter.objects.exists()


def test_a_serialization_failure_is_retried_at_once_and_not_counted() -> None:
    tries: list[int] = []

    @subscribe(LampLit, attempts=1)
    def wave(event: LampLit) -> None:
        tries.append(event.number)
        notes.make("wave", event.number)
        if len(tries) < 4:
            _raise_in_the_database("serialization_failure")

    light(1)
    drain.run(QUEUE)

    assert len(tries) == 4
    assert notes.numbers() == [1]
    assert Receipt.objects.get().attempts == 1


@pytest.fixture
def drains_are_the_victims(somebody_else: Session) -> Iterator[None]:
    """Who finds a deadlock is its victim: this session looks soon, and the other late."""
    somebody_else.execute("SET deadlock_timeout = '30s'")
    with connection.cursor() as cursor:
        cursor.execute("SET deadlock_timeout = '50ms'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET deadlock_timeout")


@pytest.mark.usefixtures("drains_are_the_victims")
@pytest.mark.parametrize("alone", [False, True], ids=["in a batch", "alone"])
def test_a_deadlock_is_retried_at_once_and_not_counted(somebody_else: Session, *, alone: bool) -> None:
    tries: list[int] = []
    others: list[threading.Thread] = []
    _make_counters("left", "right")

    @subscribe(LampLit, attempts=1)
    def wave(event: LampLit) -> None:
        tries.append(event.number)
        _count("left")
        if not others:
            others.append(_hold_right_and_want_left(somebody_else))
        _count("right")

    light(1)
    if alone:
        _leave_marker()
    drain.run(QUEUE)
    others[0].join()

    assert len(tries) == 2
    assert _counters() == {"left": 2, "right": 2}
    assert Receipt.objects.get().attempts == 1
    assert not DeadLetter.objects.exists()


@pytest.mark.parametrize(
    "trouble", ["lock_not_available", "disk_full", "read_only_sql_transaction", "serialization_failure"]
)
def test_what_the_database_is_in_trouble_for_is_put_off_and_counts_nothing(trouble: str, clock: Clock) -> None:
    weather = {"storm": True}

    @subscribe(LampLit, attempts=1)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)
        if weather["storm"]:
            _raise_in_the_database(trouble)

    light(1)
    for _ in range(3):
        drain.run(QUEUE)
        assert Delivery.objects.get().attempts == 0
        clock.forward(_until_due())
    weather["storm"] = False
    drain.run(QUEUE)

    assert notes.numbers() == [1]
    assert Receipt.objects.get().attempts == 1


def test_a_row_that_somebody_holds_for_long_costs_no_attempt(somebody_else: Session, clock: Clock) -> None:
    _make_counters("left")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")

    @subscribe(LampLit, attempts=1)
    def wave(event: LampLit) -> None:
        if event.number:
            _count("left")
        notes.make("wave", event.number)

    somebody_else.execute("BEGIN")
    somebody_else.execute("UPDATE stage_counter SET count = 0")
    light(0, 1, 2)
    for _ in range(3):
        drain.run(QUEUE)
        assert notes.numbers() == [0], "who does not want it is not held up"
        clock.forward(timedelta(seconds=2))
    somebody_else.execute("COMMIT")
    drain.run(QUEUE)

    assert sorted(notes.numbers()) == [0, 1, 2]
    assert set(Receipt.objects.values_list("attempts", flat=True)) == {1}
    connection.close()


def test_another_error_of_the_database_is_counted() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        _raise_in_the_database("check_violation")

    light(1)
    drain.run(QUEUE)

    assert Delivery.objects.get().attempts == 1


# --- Limits and locks ---------------------------------------------------------------------------------------


def test_handlers_stop_after_two_seconds_and_the_rest_stays_unclaimed(
    somebody_else: Session, stopped_time: StoppedTime
) -> None:
    free: list[int] = []

    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        stopped_time.sleep(0.7)
        notes.make("wave", event.number)
        if event.number == 4:
            free.append(somebody_else.execute("SELECT count(*) FROM bus_delivery").fetchone()[0])  # type: ignore[index]  # a count has a row

    light(1, 2, 3, 4)
    drain.run(QUEUE)

    mates = Counter(note.transaction for note in notes.read())
    assert [mates[note.transaction] for note in notes.read()] == [3, 3, 3, 1]
    assert free == [1], "the first three had committed, the fourth was there as it had been"
    assert set(Receipt.objects.values_list("attempts", flat=True)) == {1}


def test_locks_are_taken_once_for_a_batch_before_its_first_handler() -> None:
    story: list[str] = []

    @locks
    def hold_the_rail(events: Sequence[Event]) -> None:
        story.append(f"lock {sorted(type(event).__name__ for event in events)}")

    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        story.append("wave")

    @subscribe(LampPutOut, many=True)
    def sleep(events: Sequence[LampPutOut]) -> None:
        story.append("sleep")

    light(1, 2)
    _publish_put_out()
    drain.run(QUEUE)

    assert story == ["lock ['LampLit', 'LampLit', 'LampPutOut']", "wave", "wave", "sleep"]


def test_locks_are_taken_for_one_alone_too() -> None:
    story: list[str] = []

    @locks
    def hold_the_rail(events: Sequence[Event]) -> None:
        story.append("lock")

    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        story.append("wave")

    light(1)
    Delivery.objects.update(attempts=1)
    drain.run(QUEUE)

    assert story == ["lock", "wave"]


def test_an_outside_handler_in_the_wrong_queue_is_told_so() -> None:
    @subscribe(LampLit, outside=True)
    class Ferry(Outside[LampLit, str, None]): ...

    light(1)
    Delivery.objects.update(queue=QUEUE)
    drain.run(QUEUE)

    assert "is an outside handler" in str(Delivery.objects.get().error)


# --- Arranging ----------------------------------------------------------------------------------------------


def _deliveries(*numbers: int) -> QuerySet[Delivery]:
    events = Logged.objects.filter(data__number__in=numbers)
    return Delivery.objects.filter(event_id__in=events.values("id"))


def _repeat_deliveries() -> None:
    rows = list(Delivery.objects.values("event_id", "handler", "queue", "lane", "due_at"))
    Delivery.objects.bulk_create(Delivery(**row) for row in rows)


def _leave_marker() -> None:
    seqs = list(Delivery.objects.values_list("seq", flat=True))
    Marker.objects.create(queue=QUEUE, lane=0, seqs=seqs, since=ShopNow())


def _publish_put_out() -> None:
    with gather():
        publish(LampPutOut(lamp="a"))


def _drain_until_given_up(clock: Clock) -> None:
    while Delivery.objects.exists():
        drain.run(QUEUE)
        if Delivery.objects.exists():
            clock.forward(_until_due())


def _seconds_until_due() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM due_at - shop_now()) FROM bus_delivery")
        return float(cursor.fetchone()[0])


def _until_due() -> timedelta:
    return timedelta(seconds=_seconds_until_due())


def _transactions(rows: str) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT xmin::text::bigint FROM {rows}")
        return {transaction for (transaction,) in cursor.fetchall()}


def _raise_in_the_database(condition: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE {condition}; END $$")


def _make_counters(*names: str) -> None:
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO stage_counter (name) VALUES (%s)", [(name,) for name in names])


def _count(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stage_counter SET count = count + 1 WHERE name = %s", [name])


def _counters() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, count FROM stage_counter")
        return dict(cursor.fetchall())


def _hold_right_and_want_left(session: Session) -> threading.Thread:
    session.execute("BEGIN")
    session.execute("UPDATE stage_counter SET count = count + 1 WHERE name = 'right'")

    def want_left() -> None:
        session.execute("UPDATE stage_counter SET count = count + 1 WHERE name = 'left'")
        session.execute("COMMIT")

    thread = threading.Thread(target=want_left)
    thread.start()
    eventually(lambda: _waits_for_a_lock(session.info.backend_pid), "the other session waits for us")
    return thread


def _waits_for_a_lock(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE pid = %s AND NOT granted)", [pid])
        return bool(cursor.fetchone()[0])
