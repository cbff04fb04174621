"""What a drain has in hand: calls that wait for their turn, are in the air, or are back and not yet written down."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shop.bus import deliveries
from shop.bus.crew import Crew
from shop.bus.deliveries import Delivery
from shop.bus.event import Event
from shop.bus.handlers import Handler, slots_of
from shop.bus.leases import Lease

_LATEST = 45.0  # seconds after preparing: who was stopped for that long must not begin a call that another may make
_TOGETHER = 100  # in hand, though fewer may be in the air: what is prepared and written down together costs less


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
            return self.handler.outward.call(self.intent)


@dataclass(frozen=True, slots=True)
class Landed:
    """A call that is back, with its outcome or with what went wrong."""

    call: Call
    seconds: float
    outcome: Any = None
    error: BaseException | None = None

    @property
    def seq(self) -> int:
        return self.call.seq


class Flight:
    """The calls of one drain; those that have landed stay in hand until it is written down what became of them."""

    def __init__(self, queue: str) -> None:
        slots = slots_of(queue)
        self._crew = Crew(queue, slots, _made)
        self._most = max(slots, _TOGETHER)
        self._calls: dict[Call, Landed | None] = {}

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def calls(self) -> Sequence[Call]:
        return list(self._calls)

    @property
    def room(self) -> int:
        """How many more may be taken in hand."""
        return self._most - len(self._calls)

    def begin(self, calls: Sequence[Call]) -> None:
        self._calls |= dict.fromkeys(calls)
        self._crew.send(calls)

    def back(self) -> Sequence[Landed]:
        """Those that have come back, be it before; waits a moment for another one."""
        self._calls |= {landed.call: landed for landed in self._crew.back()}
        return [landed for landed in self._calls.values() if landed]

    def account_for(self, calls: Iterable[Call]) -> None:
        """What became of these is written down."""
        for call in calls:
            del self._calls[call]

    def recall(self) -> Sequence[Call]:
        """Those whose turn has not come: they are not made any more, and not in hand."""
        recalled = self._crew.recall()
        self.account_for(recalled)
        return recalled

    def end(self) -> None:
        """Wait for nobody: a call that hangs would keep its drain for ever."""
        self._crew.dismiss()


def _made(call: Call) -> Landed:
    outcome, failure = None, None
    began = time.perf_counter()
    try:
        outcome = call.make()
    except BaseException as error:  # noqa: BLE001 - whoever waits for it will see to it
        failure = error
    return Landed(call, time.perf_counter() - began, outcome, failure)
