"""Back-pressure: whoever asks for work is told where the shop is far behind with it. Nobody is refused for that.

`Shop-Backlog-Seconds` says for how long the oldest work has been due. A request reads a figure in memory. A thread of
this process asks the database for it every few seconds, as long as requests come; what it cannot learn is not told.
"""

import logging
import os
import threading
import time
from typing import TypeVar

import psycopg
from django.conf import settings
from django.http import HttpResponse
from psycopg_pool import PoolTimeout

from shop import autonomous
from shop.bus import reading

log = logging.getLogger(__name__)

HEADER = "Shop-Backlog-Seconds"

_FRESH = 5.0  # seconds between two questions
_KNOWN = 30.0  # seconds that an answer is good for

Answer = TypeVar("Answer", bound=HttpResponse)


def tell_backlog(answer: Answer) -> Answer:
    """Say in a header that the shop is far behind, if it is."""
    seconds = _the_gauge().seconds()
    if seconds >= settings.BUS_FAR_BEHIND:
        answer[HEADER] = str(int(seconds))
    return answer


class _Gauge:
    """What one process knows of the backlog: made at the first request, and anew after a fork."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.wanted = threading.Event()
        self.thread: threading.Thread | None = None
        self.known = 0.0
        self.known_at = self.asked_at = -_KNOWN

    def seconds(self) -> float:
        """For how long the oldest work has been due; nothing where that was not to be learnt lately."""
        now = time.monotonic()
        if now - self.asked_at >= _FRESH:
            self.asked_at = now
            self._wake()
        return self.known if now - self.known_at < _KNOWN else 0.0

    def _wake(self) -> None:
        with self.lock:
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._serve, name="backlog", daemon=True)
                self.thread.start()
        self.wanted.set()

    def _serve(self) -> None:
        while True:
            self.wanted.wait()
            self.wanted.clear()
            self.ask()

    def ask(self) -> None:
        try:
            with autonomous.cursor() as cursor:
                self.known = reading.oldest_due(cursor)
            self.known_at = time.monotonic()
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("how far behind the work is could not be learnt: %s", error)


_gauge: _Gauge | None = None


def _the_gauge() -> _Gauge:
    global _gauge  # noqa: PLW0603 - one per process
    if _gauge is None:
        _gauge = _Gauge()
    return _gauge


def _forget() -> None:
    global _gauge  # noqa: PLW0603 - a thread does not survive a fork
    _gauge = None


os.register_at_fork(after_in_child=_forget)
