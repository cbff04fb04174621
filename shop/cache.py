"""The cache, on Redis: for counters and copies that may be lost, so it fails open.

With Redis away nothing is found and everything may be added, and nobody waits for it: one word in two seconds is tried,
for 0.2 seconds at most, and all others are answered from here.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

T = TypeVar("T")

_PATIENCE = 0.2  # seconds for one word with Redis
_CIRCUIT = 2.0  # seconds to leave Redis alone after it failed


class Circuit:
    """Whether Redis is worth asking. One for all threads of a process; Django makes a cache for each."""

    def __init__(self) -> None:
        self._closed_until = 0.0
        self._pauses = 0

    @property
    def standing(self) -> tuple[bool, int]:
        """Whether Redis is left alone just now, and how often it had to be."""
        return time.monotonic() < self._closed_until, self._pauses

    def ask(self, question: Callable[[], T], otherwise: T) -> T:
        """What Redis says, or `otherwise` while it is away."""
        now = time.monotonic()
        if now < self._closed_until:
            return otherwise
        if self._closed_until:
            self._closed_until = now + _PATIENCE  # who tries again does so alone
        try:
            said = question()
        except redis.RedisError as error:
            log.warning("the cache is left alone for %s s: %s", _CIRCUIT, error)
            self._closed_until = time.monotonic() + _CIRCUIT
            self._pauses += 1
            return otherwise
        self._closed_until = 0.0
        return said


_circuits: dict[str, Circuit] = {}
_pools: dict[str, dict[int, redis.ConnectionPool]] = {}


def circuit() -> tuple[bool, int]:
    """Whether this process leaves any Redis alone that it caches in, and how often it had to."""
    standings = [each.standing for each in _circuits.values()]
    return any(is_open for is_open, _ in standings), sum(pauses for _, pauses in standings)


class Cache(RedisCache):
    """Django's Redis cache behind a circuit. `clear` removes what is ours and leaves the rest of the database alone."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
        self._options: dict[str, Any] = {
            "socket_timeout": _PATIENCE,
            "socket_connect_timeout": _PATIENCE,
            "retry": Retry(NoBackoff(), 0),
        }

    def count(self, key: str, seconds: int) -> int | None:
        """Count one more under a key that is forgotten after so many seconds; None while Redis is away."""
        return cast("_Client", self._cache).count(self.make_and_validate_key(key), seconds)

    def clear(self) -> None:
        cast("_Client", self._cache).clear_like(f"{self.key_prefix}:*")


class _Client(RedisCacheClient):
    """Asks through the circuit and the connections of its server, which all threads share.

    Keys, values and times are whatever Django's cache hands over.
    """

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._circuit = _circuits.setdefault(servers[0], Circuit())
        self._pools = _pools.setdefault(servers[0], {})
        self._asks = super().get_client(write=True)

    def get_client(self, key: Any = None, *, write: bool = False) -> redis.Redis:  # noqa: ARG002 - Django's signature
        """There is one server, so one client for all that is asked: Django makes a new one for each word."""
        return self._asks

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return self._circuit.ask(lambda: super(_Client, self).add(key, value, timeout), otherwise=True)

    def get(self, key: Any, default: Any) -> Any:
        return self._circuit.ask(lambda: super(_Client, self).get(key, default), default)

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        self._circuit.ask(lambda: super(_Client, self).set(key, value, timeout), None)

    def touch(self, key: Any, timeout: Any) -> bool:
        return self._circuit.ask(lambda: super(_Client, self).touch(key, timeout), otherwise=False)

    def delete(self, key: Any) -> bool:
        return self._circuit.ask(lambda: super(_Client, self).delete(key), otherwise=False)

    def get_many(self, keys: Any) -> dict[Any, Any]:
        return self._circuit.ask(lambda: super(_Client, self).get_many(keys), {})

    def has_key(self, key: Any) -> bool:
        return self._circuit.ask(lambda: super(_Client, self).has_key(key), otherwise=False)

    def incr(self, key: Any, delta: int) -> int:
        return self._circuit.ask(lambda: super(_Client, self).incr(key, delta), delta)

    def count(self, key: str, seconds: int) -> int | None:
        def count() -> int:
            pipeline = self.get_client(key, write=True).pipeline(transaction=False)
            pipeline.incr(key)
            pipeline.expire(key, seconds)
            return int(pipeline.execute()[0])

        return self._circuit.ask(count, None)

    def set_many(self, data: Any, timeout: Any) -> None:
        self._circuit.ask(lambda: super(_Client, self).set_many(data, timeout), None)

    def delete_many(self, keys: Any) -> None:
        self._circuit.ask(lambda: super(_Client, self).delete_many(keys), None)

    def clear_like(self, pattern: str) -> bool:
        def clear() -> bool:
            client = self.get_client(None, write=True)
            keys = list(client.scan_iter(match=pattern, count=1000))
            return bool(keys and client.delete(*keys))

        return self._circuit.ask(clear, otherwise=False)
