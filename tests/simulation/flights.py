"""Calls in flight, without threads: each is made when its answer is waited for, and some land together."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable

from shop.bus.flights import Call, Landed

_A_WHILE = 0.5  # seconds


class InPlace:
    """Stands in for the threads that make calls. Who dies in one takes everything along."""

    def __init__(self, _name: str, _most: int, make: Callable[[Call], Landed]) -> None:
        self._make = make
        self._out: list[Call] = []

    def send(self, calls: Iterable[Call]) -> None:
        self._out += calls

    def back(self) -> list[Landed]:
        """Some of them land, in any order; or time passes, if all have landed."""
        if not self._out:
            time.sleep(_A_WHILE)
            return []
        chosen = random.sample(self._out, random.randint(1, len(self._out)))  # noqa: S311 - seeded
        self._out = [call for call in self._out if call not in chosen]
        return [self._landed(call) for call in chosen]

    def recall(self) -> list[Call]:
        recalled, self._out = self._out, []
        return recalled

    def dismiss(self) -> None:
        pass

    def _landed(self, call: Call) -> Landed:
        landed = self._make(call)
        if landed.error and not isinstance(landed.error, Exception):
            raise landed.error
        return landed
