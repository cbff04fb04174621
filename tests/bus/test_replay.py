"""What the log has is delivered to who has not done it: once, in bounds, and as a dry run said before."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from shop.bus import subscribe
from shop.bus.handlers import lane_of
from shop.bus.models import DeadLetter, Delivery, Receipt
from shop.bus.models import Event as Logged
from shop.bus.replay import Share, deliver, preview, rounds
from shop.bus.tasks import drain
from shop.bus.wanted import BadReplay, Wanted
from tests.bus.facts import LampLit, LampPutOut, light
from tests.bus.stage import notes

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "test_replay"
WAVE, LATE = f"{QUEUE}.wave", f"{QUEUE}.late"


def _past() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def _wave(**options: object) -> None:
    @subscribe(LampLit, **options)  # type: ignore[arg-type]  # whatever a test wants
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)


def _late(**options: object) -> None:
    """A handler that was added after the events."""

    @subscribe(LampLit, **options)  # type: ignore[arg-type]  # whatever a test wants
    def late(event: LampLit) -> None:
        notes.make("late", event.number)


def test_a_handler_that_was_added_later_hears_the_whole_log_once() -> None:
    light(1, 2, 3)
    _late()

    wanted = Wanted(handlers=[LATE], missing=True)
    assert deliver(wanted).shares == [Share(LATE, 3, 0, 0, 0)]
    assert deliver(wanted).shares == [Share(LATE, 0, 0, 3, 0)], "they wait already"
    drain.run(QUEUE)

    assert notes.numbers("late") == [1, 2, 3]
    assert deliver(wanted).shares == [Share(LATE, 0, 3, 0, 0)]
    assert not Delivery.objects.exists()


def test_a_dry_run_says_what_would_be_delivered_and_delivers_nothing() -> None:
    light(1, 2)
    _late()
    wanted = Wanted(type="lamp.lit")

    foretold = preview(wanted)

    assert not Delivery.objects.exists()
    assert foretold == deliver(wanted)
    assert foretold.delivered == 2


def test_what_is_done_waits_or_is_dead_is_left_to_where_it_is() -> None:
    _wave()
    light(1, 2, 3, 4)
    done, dead, lost, _ = Delivery.objects.order_by("seq")
    Receipt.objects.create(event_id=done.event_id, handler=WAVE, attempts=1, done_at=_past())
    DeadLetter.objects.create(
        event_id=dead.event_id, handler=WAVE, queue=QUEUE, attempts=1, parked=False, error="", died_at=_past()
    )
    for delivery in (done, dead, lost):
        delivery.delete()

    made = deliver(Wanted(since=_past()))

    assert made.shares == [Share(WAVE, delivered=1, done=1, waiting=1, dead=1)]
    assert set(Delivery.objects.values_list("event_id", flat=True)) >= {lost.event_id}


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        ({"key": "b"}, [2, 3]),
        ({"type": "lamp.lit"}, [1, 2, 3]),
        ({"since": _past(), "until": datetime.now(UTC) + timedelta(days=1)}, [1, 2, 3]),
        ({"until": _past()}, []),
        ({"since": datetime.min.replace(tzinfo=UTC), "key": "a"}, [1]),
        ({"until": datetime.max.replace(tzinfo=UTC), "key": "a"}, [1]),
        ({"event": uuid4()}, []),
    ],
)
def test_events_are_chosen_by_key_type_and_time(chosen: dict[str, object], numbers: list[int]) -> None:
    light(1, lamp="a")
    light(2, 3, lamp="b")
    _late()

    deliver(Wanted(**chosen))  # type: ignore[arg-type]  # one of its fields each
    drain.run(QUEUE)

    assert notes.numbers("late") == numbers


def test_one_event_is_chosen_by_its_id() -> None:
    light(1, 2, 3)
    _late()

    deliver(Wanted(event=Logged.objects.order_by("id")[1].id))
    drain.run(QUEUE)

    assert notes.numbers("late") == [2]


def test_once_more_is_for_handlers_that_allow_it() -> None:
    _wave()
    _late(repeatable=True)
    light(1)
    drain.run(QUEUE)

    with pytest.raises(BadReplay, match="not declared repeatable"):
        Wanted(key="a", handlers=[WAVE], again=True)
    assert deliver(Wanted(key="a", again=True)).shares == [Share(LATE, delivered=1), Share(WAVE, 0, kept=1)]
    drain.run(QUEUE)

    assert (notes.numbers("wave"), notes.numbers("late")) == ([1], [1, 1])
    assert Receipt.objects.count() == 2


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({}, "Say which events"),
        ({"handlers": [WAVE]}, "Say which events"),
        ({"missing": True}, "Name the handler"),
        ({"key": "a", "handlers": ["nobody.at_all"]}, "no handler nobody.at_all"),
        ({"type": "lamp.stolen"}, "Nobody who is meant hears lamp.stolen"),
        ({"type": LampPutOut.name, "handlers": [WAVE]}, "Nobody who is meant hears"),
    ],
)
def test_what_cannot_be_replayed_is_refused(wanted: dict[str, object], said: str) -> None:
    _wave()

    with pytest.raises(BadReplay, match=said):
        Wanted(**wanted)  # type: ignore[arg-type]  # one of its fields each


def test_rounds_are_bounded_and_go_on_to_the_end_of_the_log() -> None:
    light(*range(5))
    _late()
    wanted = Wanted(handlers=[LATE], missing=True)

    first = deliver(wanted, limit=2)
    second = deliver(wanted, after=first.go_on, limit=2)
    last = deliver(wanted, after=second.go_on, limit=2)

    assert [made.events for made in (first, second, last)] == [2, 2, 1]
    assert last.go_on is None
    assert [made.events for made in rounds(wanted, deliver)] == [5]
    drain.run(QUEUE)
    assert notes.numbers("late") == [0, 1, 2, 3, 4]


def test_a_replay_puts_work_where_publishing_would_have_put_it(settings: Settings) -> None:
    settings.BUS_LANES = {QUEUE: 4}
    keys = ["a", "b", "lampada", "ë", "01a2"]
    for key in keys:
        light(1, lamp=key)
    _late(after=timedelta(minutes=30))

    deliver(Wanted(handlers=[LATE], missing=True))

    keys_of = dict(Logged.objects.values_list("id", "partition_key"))
    for delivery in Delivery.objects.all():
        event = Logged.objects.get(pk=delivery.event_id)
        assert delivery.lane == lane_of(QUEUE, keys_of[delivery.event_id])
        assert delivery.due_at == event.time + timedelta(minutes=30)


def test_unpublished_ids_are_no_place_to_go_on_from() -> None:
    light(1)
    _late()

    assert deliver(Wanted(handlers=[LATE], missing=True), after=UUID(int=2**128 - 1)).events == 0


def test_two_replays_at_once_deliver_once() -> None:
    light(1)
    _late()
    wanted = Wanted(handlers=[LATE], missing=True)

    def deliver_too() -> int:
        try:
            return deliver(wanted).delivered
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic(), connection.cursor() as cursor:
            first = deliver(wanted).delivered
            second = thread.submit(deliver_too)
            waits = None
            while not waits and not second.done():
                cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                (waits,) = cursor.fetchone()

        assert (first, second.result()) == (1, 0)
    assert Delivery.objects.count() == 1


def test_a_thousand_events_take_as_many_queries_as_one(django_assert_num_queries: Callable[..., object]) -> None:
    light(*range(1000))
    _late()

    with django_assert_num_queries(2):  # type: ignore[attr-defined]  # a context manager
        preview(Wanted(handlers=[LATE], missing=True))
