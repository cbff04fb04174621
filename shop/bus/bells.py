"""Ringing: after a commit, tell the workers that a queue has news. Losing a bell loses nothing but time.

A request or handler only adds a name to a set; one daemon thread per process talks to Redis. With Redis away the thread
gives up quickly and leaves it alone for a while, and the workers' sweep finds the work.
"""

import logging
import os
import threading
import time
from collections.abc import Iterable, Sequence

import redis
from django.conf import settings
from kombu import Connection
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

from shop.bus.handlers import lanes_of
from shop.celery import app

log = logging.getLogger(__name__)

_PATIENCE = 0.2  # seconds for one word with Redis
_SPACING = 0.02  # seconds between two rounds of ringing
_CIRCUIT = 2.0  # seconds to leave Redis alone after it failed
_FLAG_SECONDS = 2  # a flag whose bell was lost silences the queue no longer than this
_REMEMBERED = 24 * 3600  # seconds that Redis knows when a queue was last looked after

_AWAY = (redis.RedisError, OperationalError, OSError)


class _Belfry:
    """What one process needs to ring: made at the first bell, and anew after a fork."""

    def __init__(self) -> None:
        self.waiting: set[str] = set()
        self.news = threading.Event()
        self.thread: threading.Thread | None = None
        self.lock = threading.Lock()
        self.closed_until = 0.0
        self.pauses = 0
        self.flags = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=_PATIENCE,
            socket_connect_timeout=_PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        self.connection: Connection | None = None

    def wake(self, queues: Iterable[str]) -> None:
        with self.lock:
            self.waiting.update(queues)
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._serve, name="bells", daemon=True)
                self.thread.start()
        self.news.set()

    def _serve(self) -> None:
        while True:
            self.news.wait()
            self.news.clear()
            with self.lock:
                waiting, self.waiting = self.waiting, set()
            self.ring(waiting)
            time.sleep(_SPACING)

    def ring(self, queues: Iterable[str], *, anyway: bool = False) -> None:
        if time.monotonic() < self.closed_until:
            return
        try:
            for queue in sorted(queues):
                if self.flags.set(_flag(queue), 1, nx=not anyway, ex=_FLAG_SECONDS):
                    self._send(queue)
        except _AWAY as error:
            self._leave_alone(error)

    def clear(self, queue: str) -> None:
        if time.monotonic() < self.closed_until:
            return
        try:
            with self.flags.pipeline(transaction=False) as pipeline:
                pipeline.delete(_flag(queue))
                pipeline.set(_visit(queue), 1, ex=_REMEMBERED)
                pipeline.execute()
        except _AWAY as error:
            self._leave_alone(error)

    def visits(self, queues: Sequence[str]) -> list[int] | None:
        """How many milliseconds Redis will still remember each queue's last drain; negative where it knows of none."""
        if time.monotonic() < self.closed_until:
            return None
        try:
            with self.flags.pipeline(transaction=False) as pipeline:
                for queue in queues:
                    pipeline.pttl(_visit(queue))
                return [int(left) for left in pipeline.execute()]
        except _AWAY as error:
            self._leave_alone(error)
            return None

    def _send(self, queue: str) -> None:
        if self.connection is None:
            options = {"max_retries": 0, "socket_timeout": _PATIENCE, "socket_connect_timeout": _PATIENCE}
            self.connection = app.connection_for_write(transport_options=options)
        producer = app.amqp.Producer(self.connection, auto_declare=False)
        for _ in range(lanes_of(queue)):
            app.send_task(
                "drain",
                (queue,),
                queue=queue,
                producer=producer,
                retry=False,
                ignore_result=True,
                time_limit=None,  # said so, the worker's own limits hold, and not those of who rings
                soft_time_limit=None,
            )

    def _leave_alone(self, error: Exception) -> None:
        log.warning("the bells are silent for %s s: %s", _CIRCUIT, error)
        self.closed_until = time.monotonic() + _CIRCUIT
        self.pauses += 1
        self.flags.connection_pool.disconnect()
        if self.connection is not None:
            self.connection.release()
            self.connection = None


_belfry: _Belfry | None = None


def ring(queues: Iterable[str]) -> None:
    """Ring soon, from the thread; returns at once."""
    _the_belfry().wake(queues)


def ring_now(queues: Iterable[str]) -> None:
    """Ring from here, whether the flag is up or not; takes 0.2 s at most where Redis is away."""
    _the_belfry().ring(queues, anyway=True)


def clear(queue: str) -> None:
    """Take the queue's flag down, before looking for its work: the next commit rings again. Redis notes the visit."""
    _the_belfry().clear(queue)


def unvisited(queues: Sequence[str]) -> dict[str, float] | None:
    """For how many seconds no drain has begun, by Redis' own clock; None while it is away.

    A queue that nobody has looked after since Redis began, or for a day, is not there.
    """
    left = _the_belfry().visits(queues)
    if left is None:
        return None
    return {queue: _REMEMBERED - ms / 1000 for queue, ms in zip(queues, left, strict=True) if ms >= 0}


def circuit() -> tuple[bool, int]:
    """Whether this process leaves Redis alone just now, and how often it had to begin to."""
    belfry = _the_belfry()
    return time.monotonic() < belfry.closed_until, belfry.pauses


def _the_belfry() -> _Belfry:
    global _belfry  # noqa: PLW0603 - one per process
    if _belfry is None:
        _belfry = _Belfry()
    return _belfry


def _forget() -> None:
    global _belfry  # noqa: PLW0603 - a thread and its sockets do not survive a fork
    _belfry = None


os.register_at_fork(after_in_child=_forget)


def _flag(queue: str) -> str:
    return f"shop:bell:{queue}"


def _visit(queue: str) -> str:
    return f"shop:visit:{queue}"
