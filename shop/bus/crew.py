"""The threads in which calls are made: few while calls are quick, and as many as may be while they are slow."""

import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

_LOOK_AGAIN = 0.1  # seconds between looks for new work while calls are in the air
_COMPANY = 0.05  # seconds after others were sent or landed, while more are out: to write one down costs as much as ten
_REINFORCE = 0.005  # seconds after which those who still wait for their turn get twice as many threads

Sent = TypeVar("Sent")
Landed = TypeVar("Landed")


class Crew(Generic[Sent, Landed]):
    """Makes calls in threads, `most` at once; the others wait for their turn. Nobody waits for a thread to end."""

    def __init__(self, name: str, most: int, make: Callable[[Sent], Landed]) -> None:
        self._name, self._most, self._make = name, most, make
        self._waiting: SimpleQueue[Sent | None] = SimpleQueue()
        self._landed: SimpleQueue[Landed] = SimpleQueue()
        self._threads = self._out = 0
        self._land_at = self._reinforce_at = 0.0

    def send(self, calls: Iterable[Sent]) -> None:
        for call in calls:
            self._waiting.put(call)
            self._out += 1
        if not self._threads:
            self._hire(1)
        self._wait_for_company()

    def back(self) -> list[Landed]:
        """What has come back. Waits a moment for one; and for its company, if others were sent or came just now."""
        first = self._next(time.monotonic() + _LOOK_AGAIN)
        if first is None:
            return []
        landed = [first]
        while len(landed) < self._out and (another := self._next(self._land_at)) is not None:
            landed.append(another)
        self._out -= len(landed)
        self._wait_for_company()
        return landed

    def recall(self) -> list[Sent]:
        """Those that still wait for their turn: they are not made any more."""
        recalled: list[Sent] = []
        while (call := _taken(self._waiting)) is not None:
            recalled.append(call)
        self._out -= len(recalled)
        return recalled

    def dismiss(self) -> None:
        """Who is out may come back, or not; nobody looks."""
        self.recall()
        for _ in range(self._threads):
            self._waiting.put(None)

    def _wait_for_company(self) -> None:
        self._land_at = time.monotonic() + _COMPANY

    def _next(self, until: float) -> Landed | None:
        while True:
            now = time.monotonic()
            if now > self._reinforce_at:
                self._hire(self._threads)
            patience = min(until - now, _REINFORCE) if self._waiting.qsize() else until - now
            if (landed := _taken(self._landed, patience)) is not None or patience <= 0:
                return landed

    def _hire(self, wanted: int) -> None:
        for _ in range(min(wanted, self._waiting.qsize(), self._most - self._threads)):
            Thread(target=self._work, name=self._name, daemon=True).start()
            self._threads += 1
        self._reinforce_at = time.monotonic() + _REINFORCE

    def _work(self) -> None:
        while (call := self._waiting.get()) is not None:
            self._landed.put(self._make(call))


Item = TypeVar("Item")


def _taken(queue: "SimpleQueue[Item]", seconds: float = 0.0) -> Item | None:
    try:
        return queue.get(timeout=seconds) if seconds > 0 else queue.get_nowait()
    except Empty:
        return None
