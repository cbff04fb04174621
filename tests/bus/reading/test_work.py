"""What is due, who is at it, and how it went: asked of the same tables that the work is in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from pytest_django import Settings
from redis import Redis

from shop.bus import Unavailable, bells, lanes, publish, subscribe
from shop.bus.models import Delivery, Marker
from shop.bus.reading import Backlog, backlogs, counts, dead_letters, held_back, held_lanes, room_until, told, unvisited
from shop.bus.tasks import drain
from shop.clock import shop_now
from tests.bus.facts import LampLit, light
from tests.conftest import Clock

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "test_work"


def _subscribed() -> None:
    @subscribe(LampLit, attempts=2)
    def notice(event: LampLit) -> None:
        if event.lamp == "broken":
            raise ValueError(event.lamp)


def _backlog() -> Backlog:
    (found,) = [each for each in backlogs() if each.queue == QUEUE]
    return found


def test_due_work_and_the_age_of_the_oldest_rise_and_fall(clock: Clock, drain_all: Callable[[], None]) -> None:
    _subscribed()
    light(1, 2)
    clock.forward(timedelta(seconds=90))
    light(3)

    waiting = _backlog()
    drain_all()

    assert (waiting.due, round(waiting.age)) == (3, 90)
    assert _backlog() == Backlog(QUEUE, due=0, age=0.0)


def test_work_whose_time_has_not_come_is_not_due(clock: Clock) -> None:
    @subscribe(LampLit, after=timedelta(minutes=30))
    def remember(event: LampLit) -> None: ...

    light(1)

    assert _backlog().due == 0
    clock.forward(timedelta(minutes=30))
    assert _backlog().due == 1


def test_each_lane_of_a_queue_is_counted(settings: Settings) -> None:
    settings.BUS_LANES = {QUEUE: 4}
    _subscribed()
    with transaction.atomic():
        for lamp in "abcdefgh":
            publish(LampLit(lamp=lamp))

    assert Delivery.objects.values("lane").distinct().count() > 1
    assert _backlog().due == 8


def test_what_was_done_and_what_failed_is_counted_once_each(clock: Clock, drain_all: Callable[[], None]) -> None:
    _subscribed()
    with transaction.atomic():
        for lamp in ("a", "b", "broken"):
            publish(LampLit(lamp=lamp))

    drain_all()
    clock.forward(timedelta(minutes=1))
    drain_all()

    (count,) = [each for each in counts() if each.queue == QUEUE]
    assert count.handler == "test_work.notice"
    assert (count.handled, count.failed, count.put_off, count.buried) == (2, 2, 0, 1)
    assert count.at == pytest.approx(shop_now(), abs=timedelta(seconds=10))
    assert dead_letters()[QUEUE] == 1


def test_what_is_rolled_back_is_not_counted(drain_all: Callable[[], None]) -> None:
    _subscribed()
    light(1)

    with transaction.atomic():
        drain.run(QUEUE)
        transaction.set_rollback(True)

    assert not [each for each in counts() if each.queue == QUEUE]


def test_a_wait_that_was_asked_for_does_not_count_as_lateness(clock: Clock, drain_all: Callable[[], None]) -> None:
    @subscribe(LampLit, after=timedelta(minutes=30))
    def remember(event: LampLit) -> None: ...

    light(1)
    clock.forward(timedelta(minutes=30, seconds=7))
    drain_all()

    (count,) = [each for each in counts() if each.queue == QUEUE]
    assert round(count.seconds) == 7


def test_a_lane_names_the_session_that_has_it(transactional_db: None) -> None:
    _subscribed()
    with lanes.held(QUEUE, 0) as lane:
        assert lane
        (held,) = [each for each in held_lanes() if each.queue == QUEUE]
        ours = lane.session.info.backend_pid
    (free,) = [each for each in held_lanes() if each.queue == QUEUE]

    assert (held.pid, held.lane, held.in_hand) == (ours, 0, 0)
    assert held.seconds is not None
    assert held.host == "127.0.0.1"
    assert (free.pid, free.seconds) == (None, None)


def test_a_lane_tells_what_a_drain_that_died_has_left_in_it(clock: Clock) -> None:
    _subscribed()
    Marker.objects.create(queue=QUEUE, lane=0, seqs=[1, 2], since=shop_now())
    clock.forward(timedelta(minutes=1))

    (left,) = [each for each in held_lanes() if each.queue == QUEUE]

    assert (left.pid, left.in_hand) == (None, 2)
    assert left.seconds == pytest.approx(60, abs=5)


def test_the_last_visit_of_a_worker_is_known_while_redis_is_there(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _subscribed()
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.delete(f"shop:visit:{QUEUE}")
    before = unvisited()

    drain.run(QUEUE)
    after = unvisited()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(bells, "_belfry", None)

    assert before is not None
    assert QUEUE not in before
    assert after is not None
    assert 0 <= after[QUEUE] < 60
    assert unvisited() is None
    assert bells.circuit() == (True, 1)


def test_what_waits_for_a_dependency_is_held_back_and_has_not_failed(drain_all: Callable[[], None]) -> None:
    @subscribe(LampLit)
    def call_the_keeper(event: LampLit) -> None:
        raise Unavailable("the keeper is asleep")

    light(1, 2)
    drain_all()

    assert held_back() == {QUEUE: (2, "Unavailable: the keeper is asleep")}
    (count,) = [each for each in counts() if each.queue == QUEUE]
    assert (count.failed, count.put_off) == (0, 2)


def test_events_that_were_told_are_counted() -> None:
    before = told()
    light(1, 2, 3)

    assert told() == before + 3


def test_the_log_has_room_for_weeks() -> None:
    left = room_until() - datetime.now(UTC)

    assert timedelta(weeks=8) < left <= timedelta(weeks=9)
