"""Real workers: killed, hanging, cut off from database and Redis; the work is done all the same."""

import os
import random
import signal
import time
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings
from redis import Redis

from shop.bus import bells
from shop.bus.models import DeadLetter, Marker, Receipt
from shop.bus.models import Event as Logged
from tests.bus.conftest import Session
from tests.bus.stage import handlers as _subscribed  # noqa: F401 - so that what is published here is delivered
from tests.bus.stage import notes
from tests.bus.stage.directing import all_is_done, tell
from tests.bus.stage.events import Called, Counted, Cued
from tests.conftest import StartWorker
from tests.processes import Worker, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]


@pytest.fixture(scope="module")
def worker(start_worker: StartWorker, django_db_blocker: DjangoDbBlocker) -> Iterator[Worker]:
    """One worker for most of these tests; it does not give a hanging handler much time."""
    with django_db_blocker.unblock():
        started = start_worker("stage", "stage.out", TASK_SOFT_TIME_LIMIT="1", TASK_TIME_LIMIT="2")
    with started as worker:
        yield worker


@pytest.fixture
def redis(settings: Settings) -> Iterator[Redis]:
    with Redis.from_url(settings.REDIS_URL) as client:
        yield client


def test_a_worker_plays_its_part(worker: Worker) -> None:
    tell(*(Cued(scene=str(number % 3), number=number) for number in range(20)))

    all_is_done()
    assert sorted(notes.numbers("play")) == [*range(20)]
    assert Receipt.objects.count() == 20


def test_a_handler_that_kills_its_worker_is_a_dead_letter_and_its_batch_and_queue_are_done(worker: Worker) -> None:
    tell(*(Cued(scene="a", number=number, act="exit" if number == 5 else "note") for number in range(10)))
    tell(Cued(scene="b", number=10))

    all_is_done()
    assert sorted(notes.numbers("play")) == [number for number in range(11) if number != 5]
    letter = DeadLetter.objects.get()
    assert (letter.handler, letter.attempts, letter.parked) == ("stage.play", 2, False)
    assert "died in every attempt" in letter.error
    assert letter.event is not None
    assert letter.event["data"]["number"] == 5


@pytest.fixture
def silence(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody hears this process ring."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(bells, "_belfry", None)


def test_work_goes_on_after_its_sessions_are_terminated(worker: Worker, somebody_else: Session) -> None:
    tell(Cued(scene="a", number=1))
    all_is_done()

    ours = connection.connection.info.backend_pid
    ended = somebody_else.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'shop worker' AND datname = current_database() AND pid <> %s",
        [ours],
    )
    assert len(ended.fetchall()) >= 1
    tell(Cued(scene="a", number=2))

    all_is_done()
    assert notes.numbers("play") == [1, 2]
    assert not DeadLetter.objects.exists()


@pytest.mark.usefixtures("silence")
def test_work_that_nobody_rang_for_is_found_by_the_sweep(worker: Worker) -> None:
    tell(Cued(scene="a", number=1))

    all_is_done()
    assert notes.numbers("play") == [1]


def test_work_is_found_though_the_flag_stays_up(worker: Worker, redis: Redis) -> None:
    redis.set("shop:bell:stage", 1)
    tell(Cued(scene="a", number=1))

    all_is_done()
    assert notes.numbers("play") == [1]


def test_work_is_found_though_redis_is_emptied_again_and_again(worker: Worker, redis: Redis) -> None:
    for number in range(20):
        tell(Cued(scene="a", number=number))
        redis.flushdb()

    all_is_done()
    assert sorted(notes.numbers("play")) == [*range(20)]


def test_no_queue_called_celery_appears(worker: Worker, redis: Redis) -> None:
    redis.flushdb()
    tell(Cued(scene="a", act="echo"), Called(scene="a"))
    all_is_done()

    keys = [key.decode() for key in redis.scan_iter()]
    assert not any("celery" in key for key in keys), keys


def test_a_call_whose_answer_was_lost_is_made_again(worker: Worker) -> None:
    tell(Called(scene="a", number=1, act="exit"), Called(scene="a", number=2))

    all_is_done()
    assert notes.numbers("prepare").count(1) == 2, "it saw the first visit, and asked for an answer"
    assert notes.numbers("call").count(1) == 2
    assert sorted(notes.numbers("settle")) == [1, 2]
    assert not DeadLetter.objects.exists()


def test_a_call_that_kills_its_worker_every_time_is_a_dead_letter(worker: Worker) -> None:
    tell(Called(scene="a", number=1, act="exit always"))

    all_is_done()
    letter = DeadLetter.objects.get()
    assert (letter.handler, letter.attempts) == ("stage.call", 2)
    assert "died in every attempt" in letter.error
    assert notes.numbers("call") == [1, 1]
    assert notes.numbers("settle") == []


def test_work_goes_on_after_the_child_was_killed_in_a_batch(worker: Worker) -> None:
    tell(*(Cued(scene="a", number=number) for number in range(500)))
    eventually(lambda: Marker.objects.exclude(seqs=[]).exists(), "a batch is in hand")
    for pid in worker.children:
        os.kill(pid, signal.SIGKILL)

    all_is_done()
    assert sorted(notes.numbers("play")) == [*range(500)]
    assert Receipt.objects.count() == 500
    assert not DeadLetter.objects.exists()


def test_a_killed_child_is_replaced_at_once(worker: Worker) -> None:
    (child,) = worker.children
    os.kill(child, signal.SIGKILL)

    eventually(lambda: worker.children not in ([], [child]), "there is another child", seconds=4)


def test_follow_up_events_are_caused_by_what_was_heard(worker: Worker) -> None:
    tell(Cued(scene="a", act="echo"))

    all_is_done()
    cue, echo = Logged.objects.order_by("sequence")
    assert echo.causation_id == str(cue.pk)
    assert echo.correlation_id == cue.correlation_id


@pytest.mark.parametrize("lanes", [1, 4])
def test_two_processes_drain_one_queue_under_load_without_a_deadlock(
    start_worker: StartWorker, settings: Settings, lanes: int
) -> None:
    settings.BUS_LANES = {"stage": lanes}
    names = "abcdefgh"
    _make_counters(names)
    before, shuffled = _deadlocks(), random.Random(lanes)  # noqa: S311 - to shuffle
    with start_worker("stage", concurrency=2, BUS_LANES=f"stage={lanes}") as worker:
        for number in range(0, 800, 20):
            tell(*(_count_two(shuffled, names, each) for each in range(number, number + 20)))
            time.sleep(0.02)
        all_is_done()
        processes = len(worker.children)

    assert processes == 2
    assert sorted(notes.numbers("count")) == [*range(800)]
    assert sum(_counters()) == 2 * 800
    assert not worker.said("lost to another transaction")
    assert _deadlocks() == before


def _count_two(shuffled: random.Random, names: str, number: int) -> Counted:
    first, second = shuffled.sample(names, 2)
    return Counted(scene=str(number % 16), number=number, counters=(first, second))


def _make_counters(names: str) -> None:
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO stage_counter (name) VALUES (%s)", [(name,) for name in names])


def _counters() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count FROM stage_counter")
        return [count for (count,) in cursor.fetchall()]


def _deadlocks() -> int:
    """How many the database has seen; what a session has seen is counted at the latest when it ends, and ours now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
