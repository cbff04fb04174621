"""Publishing: written in the transaction that makes it true, or not at all."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from shop.bus import Event, gather, publish, subscribe
from shop.bus.handlers import lane_of
from shop.bus.models import Delivery, Subject
from shop.bus.models import Event as Logged
from shop.bus.publishing import NotInTransaction
from tests.bus.facts import LampLit, LampPutOut
from tests.conftest import Clock, Published

pytestmark = pytest.mark.django_db(transaction=True)


class Storm(Exception):
    """Something that goes wrong in a test."""


def test_publishing_outside_a_transaction_is_refused(published: Published) -> None:
    with pytest.raises(NotInTransaction):
        publish(LampLit(lamp="a"))

    assert published == []


def test_gathering_is_a_transaction_of_its_own(published: Published) -> None:
    with gather():
        publish(LampLit(lamp="a"))

    assert published == [LampLit(lamp="a")]


def test_an_event_is_there_when_its_transaction_commits(published: Published) -> None:
    with transaction.atomic():
        publish(LampLit(lamp="a"))

    assert published == [LampLit(lamp="a")]


def test_an_event_goes_with_its_transaction(published: Published) -> None:
    _lose(lambda: publish(LampLit(lamp="a")))

    assert published == []
    assert not Subject.objects.exists()


def _publish_in_savepoints() -> None:
    """Tell of five lamps; the savepoints of the second and of the fourth, with all that is in it, are rolled back."""
    publish(LampLit(lamp="1"))
    _lose(lambda: publish(LampLit(lamp="2")))
    with transaction.atomic():
        publish(LampLit(lamp="3"))
        _lose(_publish_nested)
    publish(LampLit(lamp="5"))


def _publish_nested() -> None:
    publish(LampLit(lamp="4"))
    with transaction.atomic():
        publish(LampLit(lamp="4", number=1))


def _lose(work: Callable[[], None]) -> None:
    """Do something in a transaction or savepoint that is rolled back."""

    def fail() -> None:
        work()
        raise Storm

    with pytest.raises(Storm), transaction.atomic():
        fail()


def test_a_savepoint_rolled_back_leaves_no_ghost(published: Published) -> None:
    with transaction.atomic():
        _publish_in_savepoints()

    assert published == [LampLit(lamp="1"), LampLit(lamp="3"), LampLit(lamp="5")]


def test_a_savepoint_rolled_back_in_a_gathering_leaves_no_ghost(published: Published) -> None:
    with transaction.atomic(), gather():
        _publish_in_savepoints()

    assert published == [LampLit(lamp="1"), LampLit(lamp="3"), LampLit(lamp="5")]
    assert not Subject.objects.filter(name__in=["lamps/2", "lamps/4"]).exists()


def test_a_gathering_that_fails_fails_the_transaction_around_it(published: Published) -> None:
    def fail() -> None:
        Subject.objects.create(name="made in the gathering", sequence=0)
        publish(LampLit(lamp="b"))
        raise Storm

    with transaction.atomic():
        publish(LampLit(lamp="a"))
        with pytest.raises(Storm), gather():
            fail()

    assert published == []
    assert not Subject.objects.exists()


def test_what_is_gathered_is_written_at_the_end_in_one_statement(published: Published) -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        with gather():
            for number in range(20):
                publish(LampLit(lamp=str(number % 3), number=number))
            assert _writes(queries) == 0

        assert _writes(queries) == 1
    assert [event.number for event in published.of(LampLit)] == list(range(20))


def _writes(queries: CaptureQueriesContext) -> int:
    return sum("INSERT INTO bus_event" in query["sql"] for query in queries.captured_queries)


def test_a_gathering_inside_another_is_part_of_it(published: Published) -> None:
    with CaptureQueriesContext(connection) as queries, gather():
        publish(LampLit(lamp="a"))
        with gather():
            publish(LampLit(lamp="b"))
        publish(LampLit(lamp="c"))

    assert _writes(queries) == 1
    assert published == [LampLit(lamp="a"), LampLit(lamp="b"), LampLit(lamp="c")]


def test_a_gathering_without_events_writes_nothing() -> None:
    with CaptureQueriesContext(connection) as queries, gather():
        pass

    assert _writes(queries) == 0


def test_a_gathering_belongs_to_its_thread(published: Published) -> None:
    def elsewhere() -> None:
        try:
            with transaction.atomic():
                publish(LampLit(lamp="b"))
        finally:
            connection.close()

    with gather():
        publish(LampLit(lamp="a"))
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert published == [LampLit(lamp="b")]

    assert published == [LampLit(lamp="b"), LampLit(lamp="a")]


class TestSequence:
    def test_counts_per_subject(self) -> None:
        with transaction.atomic():
            for event in (LampLit(lamp="a"), LampLit(lamp="b"), LampPutOut(lamp="a"), LampLit(lamp="a")):
                publish(event)

        assert _sequences("lamps/a") == [1, 2, 3]
        assert _sequences("lamps/b") == [1]

    def test_goes_on_where_it_was_however_events_are_written(self) -> None:
        for _ in range(2):
            with transaction.atomic():
                publish(LampLit(lamp="a"))
            with gather():
                for _ in range(3):
                    publish(LampLit(lamp="a"))

        assert _sequences("lamps/a") == [*range(1, 9)]

    def test_numbers_gathered_events_in_the_order_of_publishing(self) -> None:
        with gather():
            for number in range(10):
                publish(LampLit(lamp="a", number=number))

        numbered = Logged.objects.order_by("sequence").values_list("sequence", "data__number")
        assert list(numbered) == [(number + 1, number) for number in range(10)]

    def test_has_no_gap_after_a_rollback(self) -> None:
        for fails in (False, True, False):
            with _perhaps_lost(fails), transaction.atomic():
                publish(LampLit(lamp="a"))
                _fail(fails)
            with gather():
                publish(LampLit(lamp="a"))
                with _perhaps_lost(fails), transaction.atomic():
                    publish(LampLit(lamp="a"))
                    _fail(fails)

        assert _sequences("lamps/a") == [*range(1, 8)]

    def test_has_no_gap_and_no_repeat_under_concurrent_writers(self) -> None:
        threads = [threading.Thread(target=_write_many, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        kept = 4 * 25 * 4 * 3 // 5  # threads, rounds, events of a round, and three of five are kept
        assert _sequences("lamps/a") + _sequences("lamps/b") == [*range(1, kept // 2 + 1)] * 2


def _write_many(_writer: int) -> None:
    """Every second and fifth of five transactions is rolled back; subjects are touched in either order."""
    try:
        for turn in range(25):
            lamps = ["a", "b"] if turn % 2 else ["b", "a"]
            with _perhaps_lost(turn % 5 in {1, 4}), gather():
                for lamp in lamps * 2:
                    publish(LampLit(lamp=lamp))
                _fail(turn % 5 in {1, 4})
    finally:
        connection.close()


class _perhaps_lost:  # noqa: N801 - reads as a function
    def __init__(self, fails: bool) -> None:  # noqa: FBT001 - one flag, said by the name
        self._fails = fails

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        return self._fails and isinstance(error, Storm)


def _fail(fails: bool) -> None:  # noqa: FBT001 - one flag, said by the name
    if fails:
        raise Storm


def _sequences(subject: str) -> list[int]:
    return list(Logged.objects.filter(subject=subject).order_by("sequence").values_list("sequence", flat=True))


class TestDeliveries:
    def test_there_is_one_per_handler_with_queue_and_lane(self, settings: Settings) -> None:
        settings.BUS_LANES = {"test_publishing": 7}

        @subscribe(LampLit)
        def wave(event: LampLit) -> None: ...

        @subscribe(LampLit)
        def shout(event: LampLit) -> None: ...

        with transaction.atomic():
            publish(LampLit(lamp="a"))
            publish(LampPutOut(lamp="a"))

        event = Logged.objects.get(type="lamp.lit")
        due = list(Delivery.objects.order_by("handler").values_list("handler", "event_id", "queue", "lane", "attempts"))
        lane = lane_of("test_publishing", "a")
        assert due == [
            ("test_publishing.shout", event.pk, "test_publishing", lane, 0),
            ("test_publishing.wave", event.pk, "test_publishing", lane, 0),
        ]

    def test_they_are_due_when_their_event_happened(self) -> None:
        @subscribe(LampLit)
        def wave(event: LampLit) -> None: ...

        with transaction.atomic():
            publish(LampLit(lamp="a"))

        assert Delivery.objects.get().due_at == Logged.objects.get().time

    def test_a_handler_with_after_hears_later_and_not_before(self, drain_all: Callable[[], None], clock: Clock) -> None:
        heard: list[Event] = []

        @subscribe(LampLit, after=timedelta(minutes=30))
        def put_out(event: LampLit) -> None:
            heard.append(event)

        with transaction.atomic():
            publish(LampLit(lamp="a"))
        drain_all()
        assert heard == []
        assert Delivery.objects.get().due_at == Logged.objects.get().time + timedelta(minutes=30)

        clock.forward(timedelta(minutes=29))
        drain_all()
        assert heard == []

        clock.forward(timedelta(minutes=1, seconds=1))
        drain_all()
        assert heard == [LampLit(lamp="a")]

    def test_an_event_that_nobody_hears_is_in_the_log_all_the_same(self, published: Published) -> None:
        with transaction.atomic():
            publish(LampLit(lamp="a"))

        assert published == [LampLit(lamp="a")]
        assert not Delivery.objects.exists()
