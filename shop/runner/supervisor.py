"""Starts children, passes their words on, starts them again when they crash, and stops them in reverse order.

One thread and one loop: `turn`. Whoever waits for something turns the loop meanwhile, so nothing goes unnoticed.
"""

import selectors
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Self

from shop.runner.children import Child
from shop.runner.home import Refusal
from shop.runner.watch import Watched

_TURN = 0.1  # seconds; so late may a death be noticed


class Stopped(Exception):
    """Someone asked the stack to stop."""


class Supervisor:
    def __init__(self) -> None:
        self._stages: list[list[Watched]] = []
        self._passing: Watched | None = None  # runs to its end, and is not started again
        self._pipes = selectors.DefaultSelector()
        self._asked_to_stop = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        return self

    def __exit__(self, *_reason: object) -> None:
        if self._passing:
            self._stop([self._passing])
        while self._stages:
            self._stop(self._stages.pop())

    def start(self, *children: Child) -> None:
        """Start children that are to run for good; those started together are stopped together."""
        self._stages.append([Watched(child) for child in children])
        for watched in self._stages[-1]:
            self._start(watched)

    def run(self, child: Child) -> list[str]:
        """Run a child to its end; the lines it said. A failure is a refusal to go on."""
        self._passing = watched = Watched(child)
        self._start(watched)
        while not watched.is_dead():
            self.turn(_TURN / 5)
        self._bury(watched)
        self._passing = None
        if watched.status != 0:
            raise Refusal(f"{child.name} failed; what it said is above.")
        return list(watched.said)

    def turn_until(self, condition: Callable[[], bool], *, within: float) -> bool:
        """Turn the loop until the condition holds; False if the seconds ran out."""
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.turn(_TURN / 2)
        return True

    def turn(self, seconds: float = _TURN) -> None:
        """Pass on what is said, bury the dead, end who has stalled, start again whoever is due."""
        self._listen(seconds)
        if self._asked_to_stop:
            raise Stopped
        for watched in self._all():
            if watched.process is None and time.monotonic() >= watched.due:
                self._start(watched)
            elif watched.process and watched.is_dead():
                self._bury(watched)
                watched.wait_longer()
            elif watched.process and watched.has_stalled():
                watched.say("makes no progress, so it is ended")
                watched.kill()

    def _all(self) -> Iterator[Watched]:
        for stage in self._stages:
            yield from stage

    def _start(self, watched: Watched) -> None:
        watched.start()
        if watched.process:
            self._pipes.register(watched.output, selectors.EVENT_READ, watched)

    def _listen(self, seconds: float) -> None:
        if not self._pipes.get_map():  # an empty selector does not wait on every platform
            time.sleep(seconds)
        for key, _events in self._pipes.select(seconds):
            if not key.data.listen():
                self._pipes.unregister(key.fd)

    def _bury(self, watched: Watched) -> None:
        if watched.process and watched.output in self._pipes.get_map():
            self._pipes.unregister(watched.output)
        watched.bury()

    def _stop(self, stage: list[Watched]) -> None:
        """Ask all of a stage to stop; those who have not when their patience is over are killed."""
        asked = time.monotonic()
        for watched in stage:
            watched.ask_to_stop()
        while alive := [watched for watched in stage if not watched.is_dead()]:
            self._listen(_TURN / 2)
            for watched in alive:
                if time.monotonic() > asked + watched.child.patience:
                    watched.kill()
        for watched in stage:
            self._bury(watched)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop = True
