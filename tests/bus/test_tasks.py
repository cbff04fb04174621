"""The one task: what a drain does with its time and with its connection."""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import Settings
from redis import Redis

from shop.bus import publish, subscribe, tasks
from shop.bus.models import Delivery, Marker, Receipt
from shop.bus.tasks import drain
from shop.celery import app
from tests.bus.conftest import Session, StoppedTime
from tests.bus.facts import LampLit, light
from tests.bus.stage import notes
from tests.conftest import Clock
from tests.processes import eventually

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "test_tasks"
FLAG = f"shop:bell:{QUEUE}"


@pytest.fixture
def redis(settings: Settings) -> Iterator[Redis]:
    """The tests' own Redis, emptied."""
    with Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client


def test_the_drain_is_the_only_task() -> None:
    assert [name for name in app.tasks if not name.startswith("celery.")] == ["drain"]


def test_a_quiet_queue_is_drained_at_once(stopped_time: StoppedTime) -> None:
    drain.run(QUEUE)
    drain.run("another")

    assert stopped_time.slept == [0, 0]


def test_two_drains_of_a_queue_begin_some_time_apart(
    settings: Settings, redis: Redis, stopped_time: StoppedTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BUS_SPACING = 1.0
    drain.run(QUEUE)
    redis.set(FLAG, 1)
    stopped_time.now += 0.25
    flags: list[int] = []

    def sleep(seconds: float) -> None:
        StoppedTime.sleep(stopped_time, seconds)
        flags.append(redis.exists(FLAG))

    monkeypatch.setattr(stopped_time, "sleep", sleep)
    drain.run(QUEUE)

    assert stopped_time.slept == [0, 0.75]
    assert flags == [1], "nobody rings in vain meanwhile"


def test_a_drain_goes_on_until_nothing_is_due() -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    light(*range(500))
    light(*range(500, 700), lamp="b")
    drain.run(QUEUE)

    assert notes.numbers() == [*range(700)]
    assert not Delivery.objects.exists()


def test_a_drain_does_what_its_own_handlers_cause() -> None:
    @subscribe(LampLit)
    def pass_on(event: LampLit) -> None:
        notes.make("pass_on", event.number)
        if event.number < 5:
            publish(LampLit(lamp=event.lamp, number=event.number + 1))

    light(1)
    drain.run(QUEUE)

    assert notes.numbers() == [1, 2, 3, 4, 5]


def test_a_drain_whose_time_is_up_rings_for_the_rest(monkeypatch: pytest.MonkeyPatch, redis: Redis) -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    monkeypatch.setattr(tasks, "_LONGEST_DRAIN", 0.0)
    monkeypatch.setattr(tasks, "_TURN", 0.0)
    light(1)
    eventually(lambda: redis.llen(QUEUE) == 1, "its event has rung")
    redis.flushdb()
    drain.run(QUEUE)

    assert notes.read() == []
    eventually(lambda: redis.llen(QUEUE) == 1, "the drain has rung for what it did not reach")


def test_a_drain_takes_the_flag_down_first(redis: Redis) -> None:
    flags: list[int] = []

    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        flags.append(redis.exists(FLAG))

    light(1)
    eventually(lambda: redis.exists(FLAG), "its event has rung")
    drain.run(QUEUE)

    assert flags == [0]


def test_a_connection_that_died_while_idle_breaks_nothing(somebody_else: Session) -> None:
    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)

    light(1)
    _terminate(somebody_else)
    drain.run(QUEUE)

    assert notes.numbers() == [1]
    assert Receipt.objects.get().attempts == 1


def test_a_connection_that_dies_in_a_batch_leaves_it_whole_for_the_next_drain(
    somebody_else: Session, clock: Clock
) -> None:
    weather = {"storm": True}

    @subscribe(LampLit)
    def wave(event: LampLit) -> None:
        notes.make("wave", event.number)
        if weather["storm"]:
            _terminate(somebody_else)

    light(1, 2)
    drain.run(QUEUE)

    assert notes.read() == []
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}
    assert len(Marker.objects.get().seqs) == 2

    weather["storm"] = False
    drain.run(QUEUE)

    assert notes.numbers() == [1, 2]
    assert not Delivery.objects.exists()


def test_a_queue_that_nobody_knows_is_drained_of_nothing() -> None:
    drain.run("unheard_of")


def _terminate(session: Session) -> None:
    """End the database session of this thread, as a crash or an administrator would."""
    pid = connection.connection.info.backend_pid
    session.execute("SELECT pg_terminate_backend(%s)", [pid])
    eventually(
        lambda: session.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() is None,
        "the session has ended",
    )
