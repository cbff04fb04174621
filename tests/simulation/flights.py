"""Calls in flight, without threads: each is made when its answer is waited for, and some land together."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

_A_WHILE = 0.5  # seconds


class Flight(Future[Any]):
    """A call that is still to be made. Who dies in it takes everything along."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__()
        self._call = call

    def land(self) -> None:
        try:
            self.set_result(self._call())
        except Exception as error:  # noqa: BLE001 - whoever waits for it will see to it
            self.set_exception(error)


class InPlace:
    """Stands in for the threads that make calls."""

    def __init__(self, *_arguments: object, **_options: object) -> None:
        pass

    def shutdown(self, **_options: object) -> None:
        pass

    def submit(self, call: Callable[[], Any]) -> Flight:
        return Flight(call)


def wait(flying: Iterable[Flight], **_options: object) -> None:
    """Stands in for waiting: some of them land, in any order; or time passes, if all have landed."""
    flights = [flight for flight in flying if not flight.done()]
    for flight in random.sample(flights, random.randint(1, len(flights))) if flights else []:  # noqa: S311 - seeded
        flight.land()
    if not flights:
        time.sleep(_A_WHILE)
