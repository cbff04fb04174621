"""A step for many deliveries in one transaction, or for each alone where that fails, so that only the culprit pays."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from celery.exceptions import SoftTimeLimitExceeded

from shop.bus import failures
from shop.bus.batch import despite_conflicts
from shop.bus.handlers import Handler
from shop.bus.lanes import Lane


class InHand(Protocol):
    """Something about one delivery."""

    @property
    def seq(self) -> int: ...


Item = TypeVar("Item", bound=InHand)
Result = TypeVar("Result")
Part = TypeVar("Part")


def together_or_alone(
    lane: Lane,
    step: Callable[[Sequence[Item]], list[Result]],
    items: Sequence[Item],
    failed: Callable[[Item, Exception], None],
) -> list[Result]:
    """Take a step for all items; what it makes of those for which it did not fail. Raises `LaneLost`."""
    if not items:
        return []
    try:
        return despite_conflicts(lambda: step(items))
    except SoftTimeLimitExceeded as error:
        if len(items) == 1:  # this one hangs, and nobody else
            failed(items[0], error)
            lane.account_for(items[0].seq)
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is kept with the delivery
        lane.insist(error)
        failures.let_go(error)
        if len(items) == 1:
            failed(items[0], error)
            return []
    return [result for item in items for result in together_or_alone(lane, step, [item], failed)]


def by_handler(items: Iterable[Part], handler_of: Callable[[Part], Handler]) -> Iterable[tuple[Handler, list[Part]]]:
    """Items with the handler that they are for, each handler once."""
    parts: dict[str, tuple[Handler, list[Part]]] = {}
    for item in items:
        handler = handler_of(item)
        parts.setdefault(handler.name, (handler, []))[1].append(item)
    return parts.values()
