"""The cache with a Valkey that is really there, away, or frozen."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache import cache

from shop.cache import Cache, _pools
from shop.runner import valkey as embedded
from shop.runner.ports import answers, free_ports
from tests.flows.programs import Program, running
from tests.processes import eventually
from tests.runner.conftest import fresh_home

_PASSWORD = "only-for-the-cache"


@pytest.fixture
def away() -> Cache:
    """A cache whose Redis is not there: nobody listens at its port."""
    (port,) = free_ports(1)
    return Cache(f"redis://127.0.0.1:{port}/0", {"KEY_PREFIX": "test"})


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda cache: cache.add("k", 1), True),
        (lambda cache: cache.get("k", "default"), "default"),
        (lambda cache: cache.get_or_set("k", 7), 7),
        (lambda cache: cache.set("k", 1), None),
        (lambda cache: cache.touch("k"), False),
        (lambda cache: cache.delete("k"), False),
        (lambda cache: cache.get_many(["k"]), {}),
        (lambda cache: cache.set_many({"k": 1}), []),
        (lambda cache: cache.delete_many(["k"]), None),
        (lambda cache: "k" in cache, False),
        (lambda cache: cache.incr("k", 3), 3),
        (lambda cache: cache.clear(), None),
    ],
)
def test_with_redis_away_everything_is_allowed_and_nothing_is_known(
    ask: Callable[[Cache], Any], told: Any, away: Cache
) -> None:
    assert ask(away) == told


def test_with_redis_there_it_is_a_cache() -> None:
    cache.set("k", {"a": 1}, 60)

    assert cache.get("k") == {"a": 1}
    assert not cache.add("k", 2)
    assert cache.delete("k")
    assert cache.get("k") is None


def test_clearing_it_leaves_what_others_keep_in_the_same_database() -> None:
    other = redis.Redis.from_url(settings.REDIS_URL)
    other.set("shop:bell:test", 1, ex=60)
    cache.set("k", 1, 60)

    cache.clear()

    assert cache.get("k") is None
    assert other.get("shop:bell:test") == b"1"
    other.delete("shop:bell:test")
    other.close()


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def valkey(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A Valkey of this test's own, at the port."""
    folder = tmp_path_factory.mktemp("valkey")
    with fresh_home(folder / "home") as home:
        valkey = Program(embedded.server(home, port, _PASSWORD), folder / "valkey.log")
        with running(valkey):
            eventually(lambda: answers(port), "Valkey answers")
            yield valkey


def test_a_frozen_redis_costs_one_question_its_patience_and_the_next_ones_nothing(valkey: Program, port: int) -> None:
    server = embedded.url(port, _PASSWORD)
    cache = Cache(server, {"KEY_PREFIX": "test"})
    cache.set("k", 1, 60)
    valkey.freeze()
    try:
        began = time.monotonic()
        found = [cache.get("k") for _ in range(1000)]
        took = time.monotonic() - began
    finally:
        valkey.thaw()

    assert found == [None] * 1000
    assert took < 2
    assert eventually(lambda: cache.get("k"), "the cache is asked again") == 1
    _pools[server][0].disconnect()
