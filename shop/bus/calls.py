"""Running outside handlers: many calls in flight, a lease on each, and a slot refilled as soon as it is free."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from shop.bus import batch, deliveries, leases
from shop.bus.deliveries import Delivery
from shop.bus.event import Event
from shop.bus.handlers import Handler, attempts_of, slots_of
from shop.bus.lanes import Lane, LaneLost
from shop.bus.leases import Lease
from shop.bus.outside import Answer, Outside, Unavailable
from shop.bus.publishing import gather

Item = TypeVar("Item")
Result = TypeVar("Result")

_LOOK_AGAIN = 0.1  # seconds between looks for new work while calls are in flight

_closed_until: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Call:
    """A prepared call. Its lease is the fence: who comes back with an older one changes nothing."""

    lease: Lease
    delivery: Delivery
    handler: Handler
    event: Event
    intent: Any

    def make(self) -> Any:  # an outcome is whatever its handler says
        with deliveries.caused_by([self.delivery], f"{self.handler.name} call"):
            began = time.perf_counter()
            outcome = _outside(self.handler).call(self.intent)
            batch.tell(self.handler, 1, began)
            return outcome


@dataclass(frozen=True, slots=True)
class Answered:
    call: Call
    outcome: Any


def drain(lane: Lane, until: float) -> None:
    """Lease, prepare, call and settle until nothing is due or time is up; calls in flight are always awaited."""
    leases.take_over(lane)
    slots = slots_of(lane.queue)
    flying: dict[Future[Any], Call] = {}
    with ThreadPoolExecutor(slots, thread_name_prefix=lane.queue) as threads:
        while True:
            if time.monotonic() < until and len(flying) < slots:
                in_flight = [call.lease.seq for call in flying.values()]
                calls = _prepared(lane, leases.take(lane, in_flight, slots - len(flying)))
                flying |= {threads.submit(call.make): call for call in calls}
            if not flying:
                break
            landed, _ = wait(flying, timeout=_LOOK_AGAIN, return_when=FIRST_COMPLETED)
            _land(lane, [(flying.pop(future), future) for future in landed])
    lane.unmark()


def _prepared(lane: Lane, leased: Sequence[Lease]) -> list[Call]:
    def failed(lease: Lease, error: Exception) -> None:
        batch.fail(lease.seq, error, attempt=lease.attempt, limit=attempts_of(lease.handler))

    return _together_or_alone(lane, _prepare, leased, failed)


def _prepare(leased: Sequence[Lease]) -> list[Call]:
    lease_of = {lease.seq: lease for lease in leased}
    calls: list[Call] = []
    with transaction.atomic(), gather():
        understood = batch.understand(deliveries.claim(list(lease_of)))
        for handler, part in _by_handler(understood, lambda each: each[1]):
            living = [each for each in part if _may_try(lease_of[each[0].seq], handler)]
            if not living:
                continue
            with deliveries.caused_by([delivery for delivery, _, _ in living], f"{handler.name} prepare"):
                intents = _outside(handler).prepare([event for _, _, event in living])
            for (delivery, _, event), intent in zip(living, intents, strict=True):
                if intent is None:
                    deliveries.finish([delivery.seq])
                else:
                    calls.append(Call(lease_of[delivery.seq], delivery, handler, event, intent))
    return calls


def _may_try(lease: Lease, handler: Handler) -> bool:
    """Bury what died too often, and put off what waits for a dependency that is away."""
    closed = _closed_until.get(_dependency(handler), 0.0) - time.monotonic()
    if lease.attempt > handler.attempts:
        deliveries.bury(lease.seq, "its worker died in every attempt, or was ended by the time limit", unmade=1)
    elif closed > 0:
        away = Unavailable(f"{_dependency(handler)} is away")
        deliveries.put_off(lease.seq, lease.attempt, away, seconds=closed)
    else:
        return True
    return False


def _land(lane: Lane, landed: Sequence[tuple[Call, "Future[Any]"]]) -> None:
    answered: list[Answered] = []
    for call, future in landed:
        error = future.exception()
        if error is None:
            answered.append(Answered(call, future.result()))
        elif isinstance(error, Exception):
            _failed(call, error)
        else:
            raise error
    _together_or_alone(lane, _settle, answered, lambda each, error: _failed(each.call, error))


def _failed(call: Call, error: Exception) -> None:
    if isinstance(error, Unavailable):
        _closed_until[_dependency(call.handler)] = time.monotonic() + error.retry_after
    batch.fail(call.lease.seq, error, attempt=call.lease.attempt, limit=call.handler.attempts)


def _settle(answered: Sequence[Answered]) -> list[None]:
    """In one transaction: outcomes are written and their deliveries finished, as far as the lease is still ours."""
    with transaction.atomic(), gather():
        ours = leases.hold([each.call.lease for each in answered])
        for handler, part in _by_handler(answered, lambda each: each.call.handler):
            current = [each for each in part if each.call.lease in ours]
            with deliveries.caused_by([each.call.delivery for each in part], f"{handler.name} settle"):
                if current:
                    _outside(handler).settle([_answer(each) for each in current])
                for each in part:
                    if each.call.lease not in ours:
                        _outside(handler).late(_answer(each))
        deliveries.finish(sorted(lease.seq for lease in ours))
    return []


def _answer(each: Answered) -> Answer[Any, Any, Any]:
    return Answer(each.call.event, each.call.intent, each.outcome)


def _together_or_alone(
    lane: Lane,
    step: Callable[[Sequence[Item]], list[Result]],
    items: Sequence[Item],
    failed: Callable[[Item, Exception], None],
) -> list[Result]:
    """Take a step for all items in one transaction; if it fails, for each alone, so that only the culprit pays."""
    if not items:
        return []
    try:
        return batch.despite_conflicts(lambda: step(items))
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:
        if lane.lost:
            raise LaneLost(LaneLost.__doc__) from error
        if len(items) == 1:
            failed(items[0], error)
            return []
    return [result for item in items for result in _together_or_alone(lane, step, [item], failed)]


def _by_handler(items: Iterable[Item], handler_of: Callable[[Item], Handler]) -> Iterable[tuple[Handler, list[Item]]]:
    parts: dict[str, tuple[Handler, list[Item]]] = {}
    for item in items:
        handler = handler_of(item)
        parts.setdefault(handler.name, (handler, []))[1].append(item)
    return parts.values()


def _outside(handler: Handler) -> Outside[Any, Any, Any]:
    if handler.outside is None:
        raise TypeError(f"{handler.name} is no outside handler, and yet in {handler.queue}")
    return handler.outside


def _dependency(handler: Handler) -> str:
    return _outside(handler).dependency or handler.queue
