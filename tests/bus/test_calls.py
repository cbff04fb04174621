"""Handlers that call the outside world: prepared, called and settled; many at once, and each for itself."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import ClassVar

import psycopg
import pytest
from django.db import connection
from pytest_django import Settings

from shop.bus import Answer, Outside, Unavailable, calls, flights, publish, subscribe, tasks
from shop.bus.models import DeadLetter, Delivery, Marker, Receipt
from shop.bus.models import Event as Logged
from shop.bus.tasks import drain
from shop.clock import ShopNow
from tests.bus.conftest import Session
from tests.bus.facts import LampLit, LampPutOut, light
from tests.bus.stage import notes
from tests.conftest import Clock, Published
from tests.processes import database_url

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "test_calls.out"
_PATIENCE = 8.0  # seconds that calls wait for one another; less than a drain takes new ones


class Storm(Exception):
    """Something that goes wrong in a test."""


class Signal(Outside[LampLit, int, int]):
    """Calls with a lamp's number and is answered its double. Tests say what else happens in the call."""

    calling: ClassVar[Callable[[int], object]] = staticmethod(lambda _number: None)
    called: ClassVar[list[int]]

    def prepare(self, events: Sequence[LampLit]) -> Sequence[int | None]:
        for event in events:
            notes.make("prepare", event.number)
        return [event.number for event in events]

    def call(self, intent: int) -> int:
        self.called.append(intent)
        type(self).calling(intent)
        return 2 * intent

    def settle(self, answers: Sequence[Answer[LampLit, int, int]]) -> None:
        for answer in answers:
            notes.make("settle", answer.outcome)
            publish(LampPutOut(lamp=answer.event.lamp, number=answer.intent))

    def late(self, answer: Answer[LampLit, int, int]) -> None:
        notes.make("late", answer.outcome)


@pytest.fixture
def nested_loops() -> Iterator[None]:
    """PostgreSQL joins row by row, as it does on its own where it takes a table for small."""
    others = [f"enable_{each}" for each in ("hashagg", "hashjoin", "mergejoin", "sort", "material")]
    with connection.cursor() as cursor:
        cursor.execute("".join(f"SET {each} = off;" for each in others))
        yield
        cursor.execute("".join(f"RESET {each};" for each in others))


@pytest.fixture
def signal() -> type[Signal]:
    """The handler, subscribed anew for this test: `signal.calling` is what happens in its call."""

    @subscribe(LampLit, outside=True, attempts=3)
    class Ours(Signal, Outside[LampLit, int, int]):
        called: ClassVar[list[int]] = []

    calls._closed_until.clear()
    return Ours


def test_a_call_is_prepared_made_and_settled(signal: type[Signal], published: Published) -> None:
    light(1, 2)
    drain.run(QUEUE)

    assert notes.numbers("prepare") == [1, 2]
    assert sorted(signal.called) == [1, 2]
    assert sorted(notes.numbers("settle")) == [2, 4]
    assert sorted(event.number for event in published.of(LampPutOut)) == [1, 2]
    assert list(Receipt.objects.values_list("handler", "attempts")) == [("test_calls.ours", 1)] * 2
    assert not Delivery.objects.exists()


def test_outcome_news_and_receipt_commit_together(signal: type[Signal]) -> None:
    light(1)
    drain.run(QUEUE)

    prepared, settled = notes.read()
    assert prepared.transaction != settled.transaction
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xmin::text::bigint FROM bus_receipt"
            " UNION SELECT xmin::text::bigint FROM bus_event WHERE type = 'lamp.put_out'"
        )
        assert cursor.fetchall() == [(settled.transaction,)]


def test_a_call_runs_without_a_transaction_and_what_was_prepared_is_committed(
    signal: type[Signal], somebody_else: Session
) -> None:
    light(1)
    pid = connection.connection.info.backend_pid
    seen: list[object] = []

    def look(_number: int) -> None:
        states = somebody_else.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [pid])
        prepared = somebody_else.execute("SELECT count(*) FROM stage_note WHERE handler = 'prepare'")
        seen.extend([states.fetchone(), prepared.fetchone()])

    signal.calling = staticmethod(look)
    drain.run(QUEUE)

    assert seen == [("idle",), (1,)]


def test_twenty_calls_are_in_flight_at_once(signal: type[Signal]) -> None:
    all_are_in_flight = threading.Barrier(20)
    signal.calling = staticmethod(lambda _number: all_are_in_flight.wait(_PATIENCE))

    light(*range(20))
    drain.run(QUEUE)

    assert len(notes.numbers("settle")) == 20


def test_no_more_calls_are_in_flight_than_there_are_slots(signal: type[Signal], settings: Settings) -> None:
    settings.BUS_SLOTS = {QUEUE: 3}
    three_are_in_flight, counting = threading.Barrier(3), threading.Lock()
    flying, most = 0, 0

    def fly(_number: int) -> None:
        nonlocal flying, most
        with counting:
            flying += 1
            most = max(most, flying)
        three_are_in_flight.wait(_PATIENCE)
        with counting:
            flying -= 1

    signal.calling = staticmethod(fly)
    light(*range(9))
    drain.run(QUEUE)

    assert most == 3
    assert len(notes.numbers("settle")) == 9


def test_no_more_are_leased_than_were_asked_for_however_postgresql_plans_it(
    monkeypatch: pytest.MonkeyPatch,
    signal: type[Signal],
    settings: Settings,
    nested_loops: None,
    somebody_else: Session,
) -> None:
    settings.BUS_SLOTS = {QUEUE: 3}
    monkeypatch.setattr(flights, "_TOGETHER", 3)
    leased: list[int] = []

    def look(_number: int) -> None:
        leased.append(somebody_else.execute("SELECT count(*) FROM bus_delivery WHERE attempts = 1").fetchall()[0][0])

    signal.calling = staticmethod(look)
    light(*range(9))
    drain.run(QUEUE)

    assert max(leased) == 3
    assert len(notes.numbers("settle")) == 9


def test_a_slot_is_used_again_as_soon_as_it_is_free(signal: type[Signal], settings: Settings) -> None:
    settings.BUS_SLOTS = {QUEUE: 2}
    the_last_is_called = threading.Event()
    slow_one_saw: list[bool] = []

    def fly(number: int) -> None:
        if number == 0:
            slow_one_saw.append(the_last_is_called.wait(_PATIENCE))
        if number == 4:
            the_last_is_called.set()

    signal.calling = staticmethod(fly)
    light(*range(5))
    drain.run(QUEUE)

    assert slow_one_saw == [True], "it holds up nobody"
    assert sorted(notes.numbers("settle")) == [0, 2, 4, 6, 8]


def test_whose_turn_has_not_come_when_time_is_up_is_left_to_the_next_drain_and_nothing_is_counted(
    monkeypatch: pytest.MonkeyPatch, signal: type[Signal], settings: Settings
) -> None:
    settings.BUS_SLOTS = {QUEUE: 1}
    monkeypatch.setattr(tasks, "_LONGEST_DRAIN", 0.5)
    signal.calling = staticmethod(lambda _number: time.sleep(0.8))
    light(1, 2, 3)
    drain.run(QUEUE)

    assert notes.numbers("prepare") == [1, 2, 3]
    assert signal.called == [1]
    assert list(Delivery.objects.values_list("attempts", flat=True)) == [0, 0]
    assert Marker.objects.get().seqs == []


def test_a_failing_call_does_not_hurt_the_others(signal: type[Signal]) -> None:
    def fail(number: int) -> None:
        if number == 2:
            raise Storm("a wave too high")

    signal.calling = staticmethod(fail)
    light(1, 2, 3)
    drain.run(QUEUE)

    assert sorted(notes.numbers("settle")) == [2, 6]
    left = Delivery.objects.get()
    assert (left.attempts, left.error) == (1, "Storm: a wave too high")


def test_a_call_that_keeps_failing_is_a_dead_letter_after_its_handlers_attempts(
    signal: type[Signal], clock: Clock
) -> None:
    def fail(_number: int) -> None:
        raise Storm("a wave too high")

    signal.calling = staticmethod(fail)
    light(1)
    for _ in range(3):
        drain.run(QUEUE)
        clock.forward(timedelta(hours=1))

    letter = DeadLetter.objects.get()
    assert (letter.attempts, letter.error, letter.parked) == (3, "Storm: a wave too high", False)
    assert signal.called == [1, 1, 1]


def test_preparing_that_keeps_failing_is_a_dead_letter_after_its_handlers_attempts(
    monkeypatch: pytest.MonkeyPatch, signal: type[Signal], clock: Clock
) -> None:
    def refuse(_self: Signal, _events: Sequence[LampLit]) -> Sequence[int]:
        raise Storm("a wave too high")

    monkeypatch.setattr(signal, "prepare", refuse)
    light(1)
    for _ in range(3):
        drain.run(QUEUE)
        clock.forward(timedelta(hours=1))

    letter = DeadLetter.objects.get()
    assert (letter.attempts, letter.error) == (3, "Storm: a wave too high")


def test_one_that_cannot_be_prepared_does_not_hurt_the_others(
    monkeypatch: pytest.MonkeyPatch, signal: type[Signal]
) -> None:
    prepare = signal.prepare

    def refuse_two(self: Signal, events: Sequence[LampLit]) -> Sequence[int | None]:
        if any(event.number == 2 for event in events):
            raise Storm
        return prepare(self, events)

    monkeypatch.setattr(signal, "prepare", refuse_two)
    light(1, 2, 3)
    drain.run(QUEUE)

    assert sorted(notes.numbers("settle")) == [2, 6]
    assert Delivery.objects.get().attempts == 1


def test_one_that_cannot_be_settled_does_not_hurt_the_others_and_is_called_again(
    monkeypatch: pytest.MonkeyPatch, signal: type[Signal], clock: Clock
) -> None:
    settle, weather = signal.settle, {"storm": True}

    def refuse_four(self: Signal, answers: Sequence[Answer[LampLit, int, int]]) -> None:
        settle(self, answers)
        if weather["storm"] and any(answer.outcome == 4 for answer in answers):
            raise Storm

    monkeypatch.setattr(signal, "settle", refuse_four)
    light(1, 2, 3)
    drain.run(QUEUE)
    assert sorted(notes.numbers("settle")) == [2, 6]
    assert Delivery.objects.get().attempts == 1

    weather["storm"] = False
    clock.forward(timedelta(minutes=1))
    drain.run(QUEUE)
    assert sorted(notes.numbers("settle")) == [2, 4, 6]
    assert sorted(signal.called) == [1, 2, 2, 3]


def test_an_event_without_an_intent_is_finished_without_a_call(
    monkeypatch: pytest.MonkeyPatch, signal: type[Signal]
) -> None:
    def only_odd(_self: Signal, events: Sequence[LampLit]) -> Sequence[int | None]:
        return [event.number if event.number % 2 else None for event in events]

    monkeypatch.setattr(signal, "prepare", only_odd)
    light(1, 2)
    drain.run(QUEUE)

    assert signal.called == [1]
    assert notes.numbers("settle") == [2]
    assert Receipt.objects.count() == 2
    assert not Delivery.objects.exists()


def test_heard_twice_at_once_calls_once(signal: type[Signal]) -> None:
    light(1)
    _repeat_deliveries()
    drain.run(QUEUE)

    assert signal.called == [1]
    assert notes.numbers("settle") == [2]
    assert not Delivery.objects.exists()


def test_heard_again_later_calls_once(signal: type[Signal]) -> None:
    light(1)
    rows = list(Delivery.objects.values())
    drain.run(QUEUE)
    Delivery.objects.bulk_create(Delivery(**row) for row in rows)
    drain.run(QUEUE)

    assert signal.called == [1]
    assert not Delivery.objects.exists()


# --- Dependencies -------------------------------------------------------------------------------------------


def test_a_dependency_that_is_away_is_left_alone_and_counts_nothing(signal: type[Signal], clock: Clock) -> None:
    weather = {"storm": True}

    def fail(_number: int) -> None:
        if weather["storm"]:
            raise Unavailable("nobody answers", retry_after=60)

    signal.calling = staticmethod(fail)
    light(1)
    drain.run(QUEUE)
    light(2)
    drain.run(QUEUE)
    assert signal.called == [1], "while the circuit is open nobody is called"
    assert list(Delivery.objects.order_by("seq").values_list("attempts", "error")) == [
        (0, "Unavailable: nobody answers"),
        (0, "Unavailable: test_calls.out is away"),
    ]

    weather["storm"] = False
    clock.forward(timedelta(minutes=1))
    calls._closed_until[QUEUE] -= 60
    drain.run(QUEUE)
    assert sorted(notes.numbers("settle")) == [2, 4]
    assert set(Receipt.objects.values_list("attempts", flat=True)) == {1}


def test_a_dependency_that_is_away_holds_up_nobody_elses_calls(signal: type[Signal]) -> None:
    @subscribe(LampPutOut, outside=True)
    class Telegraph(Outside[LampPutOut, int, None]):
        dependency = "telegraph office"

        def prepare(self, events: Sequence[LampPutOut]) -> Sequence[int]:
            return [event.number for event in events]

        def call(self, intent: int) -> None:  # noqa: ARG002 - the base's signature
            raise Unavailable("closed at night", retry_after=60)

        def settle(self, answers: Sequence[Answer[LampPutOut, int, None]]) -> None: ...

    for number in (1, 2, 3):
        light(number)
        drain.run(QUEUE)

    assert signal.called == [1, 2, 3]
    assert set(Delivery.objects.values_list("handler", "attempts")) == {("test_calls.telegraph", 0)}


# --- Leases -------------------------------------------------------------------------------------------------


def test_what_is_in_flight_is_leased_for_a_minute_with_its_attempt_counted(
    signal: type[Signal], somebody_else: Session
) -> None:
    seen: list[object] = []

    def look(_number: int) -> None:
        rows = somebody_else.execute("SELECT attempts, round(extract(epoch FROM due_at - now()), -1) FROM bus_delivery")
        seen.append(rows.fetchone())

    signal.calling = staticmethod(look)
    light(1)
    drain.run(QUEUE)

    assert seen == [(1, 60)]


def test_a_late_answer_changes_nothing_and_is_kept_as_evidence(signal: type[Signal], published: Published) -> None:
    signal.calling = staticmethod(_take_the_lease_over)
    light(1, 2)
    drain.run(QUEUE)

    assert sorted(notes.numbers("late")) == [2, 4]
    assert notes.numbers("settle") == []
    assert published.of(LampPutOut) == []
    assert not Receipt.objects.exists()
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {2}, "the delivery is whoever's took it over"


def test_a_lease_that_was_taken_over_before_its_call_is_left_to_whoever_has_it(
    monkeypatch: pytest.MonkeyPatch, signal: type[Signal]
) -> None:
    prepare, takers = signal.prepare, [threading.Thread(target=_take_the_lease_over, args=[2])]

    def prepare_alone(self: Signal, events: Sequence[LampLit]) -> Sequence[int | None]:
        if len(events) > 1:
            takers[0].start()  # it waits until this transaction is over
            raise Storm
        takers[0].join()
        return prepare(self, events)

    monkeypatch.setattr(signal, "prepare", prepare_alone)
    light(1, 2)
    drain.run(QUEUE)

    assert signal.called == [1]
    assert notes.numbers("prepare") == [1]
    assert Delivery.objects.get().attempts == 2


def test_a_call_is_not_begun_when_its_lease_may_be_over(signal: type[Signal], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "_LATEST", -1.0)
    light(1)
    drain.run(QUEUE)

    assert signal.called == []
    assert "Overdue: " in str(Delivery.objects.get().error)


def test_an_answer_waits_for_a_lock_that_somebody_holds_and_is_not_asked_for_again(
    signal: type[Signal], somebody_else: Session
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    held = threading.Event()

    def hold_for_a_while(_number: int) -> None:
        somebody_else.execute("BEGIN")
        somebody_else.execute("LOCK stage_note")
        held.set()

    signal.calling = staticmethod(hold_for_a_while)
    light(1)
    letting_go = threading.Timer(0.5, lambda: held.wait() and somebody_else.execute("COMMIT"))
    letting_go.start()
    drain.run(QUEUE)
    letting_go.join()
    connection.close()

    assert notes.numbers("settle") == [2]
    assert signal.called == [1]
    assert Receipt.objects.get().attempts == 1


def test_a_late_failure_changes_nothing(signal: type[Signal]) -> None:
    def fail(number: int) -> None:
        _take_the_lease_over(number)
        raise Storm

    signal.calling = staticmethod(fail)
    light(1)
    drain.run(QUEUE)

    assert Delivery.objects.get().attempts == 2
    assert Delivery.objects.get().error is None


def test_a_late_answer_does_not_spoil_those_that_are_in_time(signal: type[Signal]) -> None:
    signal.calling = staticmethod(lambda number: _take_the_lease_over(number) if number == 2 else None)
    light(1, 2, 3)
    drain.run(QUEUE)

    assert sorted(notes.numbers("settle")) == [2, 6]
    assert notes.numbers("late") == [4]


def test_when_a_lease_is_over_the_call_is_made_again(signal: type[Signal], clock: Clock) -> None:
    light(1)
    Delivery.objects.update(attempts=1, due_at=ShopNow() + timedelta(seconds=60))  # as a lost drain leaves it
    drain.run(QUEUE)
    assert signal.called == []

    clock.forward(timedelta(seconds=61))
    drain.run(QUEUE)
    assert signal.called == [1]
    assert Receipt.objects.get().attempts == 2


def test_what_a_dead_drain_had_in_flight_need_not_wait_for_its_lease(signal: type[Signal]) -> None:
    light(1)
    Delivery.objects.update(attempts=1, due_at=ShopNow() + timedelta(seconds=60))
    Marker.objects.create(queue=QUEUE, lane=0, seqs=[Delivery.objects.get().seq], since=ShopNow())
    drain.run(QUEUE)

    assert signal.called == [1]
    assert Marker.objects.get().seqs == []


def test_what_died_in_every_attempt_is_a_dead_letter(signal: type[Signal]) -> None:
    light(1, 2)
    Delivery.objects.filter(event_id=Logged.objects.get(sequence=1).pk).update(attempts=3)
    drain.run(QUEUE)

    letter = DeadLetter.objects.get()
    assert (letter.attempts, letter.parked) == (3, False)
    assert "died in every attempt" in letter.error
    assert signal.called == [2]


def test_answers_are_written_down_though_their_drains_session_has_ended(
    signal: type[Signal], somebody_else: Session
) -> None:
    light(1)
    pid = connection.connection.info.backend_pid

    def end_session(_number: int) -> None:
        somebody_else.execute("SELECT pg_terminate_backend(%s)", [pid])

    signal.calling = staticmethod(end_session)
    drain.run(QUEUE)
    drain.run(QUEUE)

    assert notes.numbers("settle") == [2]
    assert signal.called == [1]
    assert Receipt.objects.get().attempts == 1


def _take_the_lease_over(number: int) -> None:
    """Another drain leases the delivery of this lamp, as if this one had been thought dead."""
    with psycopg.connect(database_url(), autocommit=True) as session:
        session.execute(
            "UPDATE bus_delivery SET attempts = attempts + 1 FROM bus_event"
            " WHERE bus_event.id = event_id AND (data->>'number')::int = %s",
            [number],
        )


def _repeat_deliveries() -> None:
    rows = list(Delivery.objects.values("event_id", "handler", "queue", "lane", "due_at"))
    Delivery.objects.bulk_create(Delivery(**row) for row in rows)
