"""Calls in the air: each in a thread of its own, and none waited for longer than it may take."""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from shop.bus import batch, deliveries
from shop.bus.deliveries import Delivery
from shop.bus.event import Event
from shop.bus.handlers import Handler, slots_of
from shop.bus.leases import Lease

_LOOK_AGAIN = 0.1  # seconds between looks for new work while calls are in flight
_LATEST = 45.0  # seconds after preparing: who was stopped for that long must not begin a call that another may make


class Overdue(RuntimeError):
    """The lease is nearly over, and the call was not begun."""


class Hangs(RuntimeError):
    """The call did not come back within the time limit; whether it acted is unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A prepared call. Its lease is the fence: who comes back with an older one changes nothing."""

    lease: Lease
    delivery: Delivery
    handler: Handler
    event: Event
    intent: Any
    begin_by: float = field(default_factory=lambda: time.monotonic() + _LATEST)

    @property
    def seq(self) -> int:
        return self.lease.seq

    def make(self) -> Any:  # an outcome is whatever its handler says
        if time.monotonic() > self.begin_by:
            raise Overdue(Overdue.__doc__)
        with deliveries.caused_by([self.delivery], f"{self.handler.name} call"):
            began = time.perf_counter()
            outcome = self.handler.outward.call(self.intent)
            batch.tell(self.handler, 1, began)
            return outcome


class Flight:
    """What one drain has in the air, or back and not yet written down."""

    def __init__(self, queue: str) -> None:
        self.slots = slots_of(queue)
        self._threads = ThreadPoolExecutor(self.slots, thread_name_prefix=queue)
        self._calls: dict[Call, Future[Any]] = {}

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def calls(self) -> Sequence[Call]:
        return list(self._calls)

    def begin(self, calls: Iterable[Call]) -> None:
        for call in calls:
            self._calls[call] = self._threads.submit(call.make)

    def back(self) -> Sequence[tuple[Call, "Future[Any]"]]:
        """Those that have come back; waits a moment for one."""
        wait(self._calls.values(), timeout=_LOOK_AGAIN, return_when=FIRST_COMPLETED)
        return [(call, future) for call, future in self._calls.items() if future.done()]

    def account_for(self, call: Call) -> None:
        """What became of it is written down."""
        del self._calls[call]

    def end(self) -> None:
        """Wait for nobody: a call that hangs would keep its drain for ever."""
        self._threads.shutdown(wait=False, cancel_futures=True)
