"""All who are at the shop during a storm: customers, and somebody of the staff, each in a thread of their own."""

import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from threading import Event as Signal
from threading import Thread
from typing import Protocol
from uuid import uuid4

from tests.chaos.asking import Asking, GaveUp
from tests.chaos.wishes import HOT

_COUNTS = (0.3, 1.5)  # seconds between two counts of a shelf
_PATIENCE = 90.0  # seconds that somebody insists on an answer


class Person(Protocol):
    """Whoever is in the crowd."""

    asking: Asking

    def keep_at_it(self, enough: Signal, crowded: Signal, pause: float) -> None: ...


class Crowd:
    """Everybody at once, until they are asked to leave, and then until each has done what they planned."""

    def __init__(self, customers: Sequence[Person], pause: float) -> None:
        self.customers = customers
        self.crowded = Signal()
        self._pause, self._enough = pause, Signal()
        self._failures: list[BaseException] = []
        self._threads = [Thread(target=self._be, args=(each,), daemon=True) for each in customers]

    @property
    def again(self) -> Counter[str]:
        """How often they asked again, and why."""
        return sum((each.asking.again for each in self.customers), Counter())

    @property
    def slowest(self) -> float:
        return max(each.asking.slowest for each in self.customers)

    def come(self) -> None:
        for thread in self._threads:
            thread.start()

    def dismiss(self) -> None:
        self._enough.set()

    @property
    def has_left(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def leave(self) -> None:
        """Wait until the last has left; what went wrong with any of them is raised."""
        self.dismiss()
        for thread in self._threads:
            thread.join()
        for failure in self._failures:
            raise failure

    def _be(self, customer: Person) -> None:
        try:
            customer.keep_at_it(self._enough, self.crowded, self._pause)
        except BaseException as failure:  # noqa: BLE001 - it is raised where somebody hears it
            self._failures.append(failure)


class Clerk:
    """Somebody of the staff, who finds some more pieces, or misses some, while others order them."""

    def __init__(self, seed: int, port: int, token: str) -> None:
        self._chance = random.Random(f"{seed}/clerk")  # noqa: S311
        self._token = token
        self.asking = Asking(port, self._chance)

    def keep_at_it(self, enough: Signal, crowded: Signal, pause: float) -> None:  # noqa: ARG002 - as customers do
        while not enough.wait(self._chance.uniform(*_COUNTS)):
            with suppress(GaveUp):
                self._count()
        self.asking.close()

    def _count(self) -> None:
        body = json.dumps({"sku": HOT, "delta": self._chance.choice((-5, 5)), "reason": "Counted."})
        until = time.monotonic() + _PATIENCE
        path, key = "/api/v1/inventory/adjustments", str(uuid4())
        self.asking.insist("POST", path, body, token=self._token, key=key, until=until)
