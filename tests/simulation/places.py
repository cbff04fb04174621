"""Places: where a process may die, or something else may happen meanwhile. They are found, not planted.

A place is named after the innermost function of the product that owns it: `shop.bus.leases.take commits`. At each there
is a moment before and one after. Whoever commits, calls the outside or rings at a place that is not in `KNOWN` fails
the simulation: add it there, and `test_places` shows that the shop survives a crash at it.
"""

import sys
from dataclasses import dataclass
from types import CodeType, FrameType
from uuid import UUID

from shop.bus import calls

COMMITS, CALLS, RINGS, RUNS = "commits", "calls", "rings", "runs"
"""What happens at a place; where a statement `runs` inside of a transaction nothing is decided yet."""

BEFORE, AFTER = "before", "after"

KNOWN = frozenset(
    {
        "notifications.channels.email.send calls",
        "payments.handlers.AskGateway.call calls",
        "shop.api.answering.answered commits",
        "shop.bus.batch.run_one commits",
        "shop.bus.batch.run_together commits",
        "shop.bus.bells.ring rings",
        "shop.bus.bells.ring_now rings",
        "shop.bus.calls._prepare commits",
        "shop.bus.calls._settle commits",
        "shop.bus.deliveries._postpone commits",
        "shop.bus.deliveries.count_attempt commits",
        "shop.bus.housekeeping._fold_lanes commits",
        "shop.bus.housekeeping._leave_lost_queues commits",
        "shop.bus.lanes._look commits",
        "shop.bus.lanes.Lane.unmark commits",
        "shop.bus.lanes.held commits",
        "shop.bus.leases.give_back commits",
        "shop.bus.leases.take commits",
        "shop.bus.leases.take_over commits",
        "shop.bus.subscriptions.note commits",
    }
)

_PRODUCT = ("shop", "orders", "payments", "inventory", "notifications")


@dataclass(frozen=True, slots=True)
class Point:
    """A moment at a place, for the n-th time in a step."""

    place: str
    moment: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.moment} {self.place}" + (f" ({self.nth})" if self.nth > 1 else "")


def owner() -> str:
    """The function of the product that is innermost now; what a decorator wraps owns what the decorator does."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module == "contextlib" and frame.f_code.co_name == "inner":
            wrapped = frame.f_locals["func"]
            return f"{wrapped.__module__}.{wrapped.__qualname__.partition('.<locals>')[0]}"
        if module.partition(".")[0] in _PRODUCT:
            return f"{module}.{_name(frame.f_code)}"
        frame = frame.f_back
    return "nobody"


def settling() -> dict[tuple[UUID, str], int]:
    """For which attempts at which deliveries the answers are that are written down now."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not calls._settle.__code__:
        frame = frame.f_back
    answered = [each.call for each in frame.f_locals["answered"]] if frame else []
    return {(call.delivery.event_id, call.handler.name): call.lease.attempt for call in answered}


def _name(code: CodeType) -> str:
    return code.co_qualname.partition(".<locals>")[0]
