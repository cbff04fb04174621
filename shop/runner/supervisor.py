"""Starts children, passes their words on, starts them again when they crash, and stops them in reverse order.

One thread and one loop: `turn`. Whoever waits for something turns the loop meanwhile, so nothing goes unnoticed.
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from shop.runner.children import Child, kill_group, spawn
from shop.runner.home import Refusal

_TURN = 0.1  # seconds; how late a death may be noticed
_RAN_WELL = 10.0  # seconds; who lived that long starts from the shortest wait again
_LONGEST_WAIT = 15.0
_LONGEST_LINE = 64 * 1024


class Stopped(Exception):
    """Someone asked the supervisor to stop."""


class Running:
    """A child under watch: its process, if it has one, and what it is saying."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: subprocess.Popen[bytes] | None = None
        self.started = self.due = 0.0
        self.crashes = 0
        self.line = b""

    def wait_longer(self) -> float:
        """How many seconds to wait before the next start."""
        if time.monotonic() - self.started > _RAN_WELL:
            self.crashes = 0
        self.crashes += 1
        wait = min(0.25 * 2.0**self.crashes, _LONGEST_WAIT)
        self.due = time.monotonic() + wait
        return wait


class Supervisor:
    def __init__(self) -> None:
        self._stages: list[list[Running]] = []
        self._pipes = selectors.DefaultSelector()
        self._asked_to_stop = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        return self

    def __exit__(self, *_: object) -> None:
        while self._stages:
            self._stop(self._stages.pop())

    def start(self, *children: Child) -> None:
        """Start children that keep running. Those started together are stopped together."""
        self._stages.append([Running(child) for child in children])
        for running in self._stages[-1]:
            self._spawn(running)

    def run(self, child: Child) -> str:
        """Run a child to its end; what it said. Refuses to go on if it failed."""
        ...

    def turn_until(self, condition: Callable[[], bool], *, within: float) -> bool:
        """Keep the loop going until the condition holds; False if the seconds ran out."""
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.turn(0.02)
        return True

    def turn(self, seconds: float = _TURN) -> None:
        """Pass on what is said within these seconds, and see to the dead."""
        if self._asked_to_stop:
            raise Stopped
        self._listen(seconds)
        ...
