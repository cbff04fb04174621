"""Ringing: never in the way of who rings, and losing a bell loses nothing but time."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import Settings
from redis import Redis

from shop.bus import bells, gather, publish, subscribe
from tests.bus.facts import LampLit, light
from tests.processes import eventually

QUEUE = "test_bells"
FLAG = f"shop:bell:{QUEUE}"


@pytest.fixture(autouse=True)
def fresh_belfry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells, "_belfry", None)


@pytest.fixture
def redis(settings: Settings) -> Iterator[Redis]:
    """The tests' own Redis, emptied."""
    with Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client


@pytest.fixture(params=["refuses", "never answers"])
def dead_redis(request: pytest.FixtureRequest, settings: Settings) -> Iterator[None]:
    """A Redis that is away: nobody listens at its port, or somebody who never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "never answers":
            listener.listen()
        settings.REDIS_URL = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        yield


def test_a_ring_puts_one_bell_into_the_queue(redis: Redis) -> None:
    bells.ring([QUEUE])

    eventually(lambda: redis.llen(QUEUE) == 1, "the bell is there")
    message = json.loads(redis.lindex(QUEUE, 0) or "")
    assert message["headers"]["task"] == "drain"
    assert message["headers"]["timelimit"] == [None, None], "the limits of whoever hears it hold"


def test_many_rings_are_one_bell_until_a_drain_begins(redis: Redis) -> None:
    for _ in range(50):
        bells.ring([QUEUE])
        time.sleep(0.002)
    eventually(lambda: redis.llen(QUEUE), "the bell is there")
    time.sleep(0.1)
    assert redis.llen(QUEUE) == 1

    bells.clear(QUEUE)
    bells.ring([QUEUE])
    eventually(lambda: redis.llen(QUEUE) == 2, "the next bell is there")


def test_the_sweep_rings_though_the_flag_is_up(redis: Redis) -> None:
    redis.set(FLAG, 1)  # and nothing will ever take it down

    bells.ring_now([QUEUE])

    assert redis.llen(QUEUE) == 1
    assert redis.pttl(FLAG) != -1


def test_a_flag_whose_bell_was_lost_is_gone_in_two_seconds(redis: Redis) -> None:
    bells.ring_now([QUEUE])

    assert 0 < redis.pttl(FLAG) <= 2000


def test_a_queue_with_lanes_gets_a_bell_for_each(settings: Settings, redis: Redis) -> None:
    settings.BUS_LANES = {QUEUE: 3}

    bells.ring_now([QUEUE])

    assert redis.llen(QUEUE) == 3


def test_bells_make_no_queue_called_celery(redis: Redis) -> None:
    bells.ring_now([QUEUE, "another"])

    keys = {key.decode() for key in redis.scan_iter()}
    assert {QUEUE, "another"} <= keys
    assert not any("celery" in key for key in keys)


def test_bells_are_heard_though_redis_has_forgotten_everything(redis: Redis) -> None:
    bells.ring_now([QUEUE])
    redis.flushdb()
    bells.ring_now([QUEUE])

    assert redis.llen(QUEUE) == 1


@pytest.mark.django_db(transaction=True)
class TestAfterACommit:
    @pytest.fixture(autouse=True)
    def wave(self) -> None:
        @subscribe(LampLit)
        def wave(event: LampLit) -> None: ...

    def test_the_queues_that_have_news_are_rung(self, redis: Redis) -> None:
        light(1)

        eventually(lambda: redis.llen(QUEUE) == 1, "the bell is there")

    def test_they_are_rung_only_then(self, redis: Redis) -> None:
        with gather():
            publish(LampLit(lamp="a"))
            time.sleep(0.1)
            assert redis.llen(QUEUE) == 0

        eventually(lambda: redis.llen(QUEUE) == 1, "the bell is there")

    def test_nobody_is_rung_for_what_was_rolled_back(self, redis: Redis) -> None:
        with transaction.atomic():
            publish(LampLit(lamp="a"))
            transaction.set_rollback(True)

        time.sleep(0.1)
        assert redis.llen(QUEUE) == 0


@pytest.mark.usefixtures("dead_redis")
class TestWithRedisAway:
    def test_who_rings_does_not_wait(self) -> None:
        began = time.monotonic()
        for _ in range(100):
            bells.ring([QUEUE])

        assert time.monotonic() - began < 0.5

    def test_the_thread_gives_up_quickly_and_leaves_it_alone_for_a_while(self) -> None:
        assert _seconds_to_ring() < 1, "0.2 s, and something for a busy machine"
        assert sum(_seconds_to_ring() for _ in range(20)) < 0.2

    def test_a_drain_does_not_wait_for_it_either(self) -> None:
        began = time.monotonic()
        for _ in range(20):
            bells.clear(QUEUE)

        assert time.monotonic() - began < 0.5

    @pytest.mark.django_db(transaction=True)
    def test_a_transaction_commits_as_if_nothing_was(self) -> None:
        @subscribe(LampLit)
        def wave(event: LampLit) -> None: ...

        began = time.monotonic()
        light(1)

        assert time.monotonic() - began < 0.5


def test_redis_is_rung_again_when_it_is_back(redis: Redis) -> None:
    belfry = bells._the_belfry()
    belfry._leave_alone(ConnectionError("away"))
    bells.ring_now([QUEUE])
    assert redis.llen(QUEUE) == 0

    belfry.closed_until = time.monotonic()
    bells.ring_now([QUEUE])
    assert redis.llen(QUEUE) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_thread_is_replaced_if_it_died(redis: Redis) -> None:
    bells.ring([QUEUE])
    eventually(lambda: redis.llen(QUEUE) == 1, "the bell is there")
    belfry = bells._the_belfry()
    thread = belfry.thread
    assert thread is not None

    belfry.wake([1, "two"])  # type: ignore[list-item]  # what cannot be sorted ends the thread
    eventually(lambda: not thread.is_alive(), "the thread has died")
    bells.clear(QUEUE)
    bells.ring([QUEUE])

    eventually(lambda: redis.llen(QUEUE) == 2, "the next bell is there")


_FORK = """
import os, sys, time
from django import setup
setup()
from redis import Redis
from shop.bus import bells


def ring_and_wait(queue):
    bells.ring([queue])
    with Redis.from_url(os.environ["REDIS_URL"]) as redis:
        while not redis.exists(queue):
            time.sleep(0.02)


ring_and_wait("parent")
pid = os.fork()
if not pid:
    shared = bells._belfry is not None
    ring_and_wait("child")
    os._exit(shared)
_, status = os.waitpid(pid, 0)
ring_and_wait("parent_again")
sys.exit(os.waitstatus_to_exitcode(status))  # 1 if the child had its parent's sockets
"""


def test_a_child_rings_after_a_fork_and_so_does_its_parent(settings: Settings, redis: Redis) -> None:
    environment = os.environ | {"REDIS_URL": settings.REDIS_URL}
    subprocess.run([sys.executable, "-c", _FORK], check=True, env=environment, cwd=settings.BASE_DIR, timeout=30)

    assert [redis.llen(queue) for queue in ("parent", "child", "parent_again")] == [1, 1, 1]


def _seconds_to_ring() -> float:
    began = time.monotonic()
    bells.ring_now([QUEUE])
    return time.monotonic() - began
