"""Running handlers inside the database: many deliveries in one transaction, or one alone after a failure."""

import logging
import random
import time
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, transaction

from shop.bus import deliveries, failures
from shop.bus.deliveries import Delivery, NotUnderstood
from shop.bus.event import Event
from shop.bus.handlers import Handler, take_locks
from shop.bus.lanes import Lane
from shop.bus.publishing import gather

log = logging.getLogger(__name__)

_LONGEST_TRANSACTION = 2.0  # seconds of handlers; what was not reached stays unclaimed
_TRIES = 20  # of a transaction that lost to another

Understood = list[tuple[Delivery, Handler, Event]]
T = TypeVar("T")


def run_together(lane: Lane, seqs: Sequence[int], until: float) -> None:
    """Run fresh deliveries in one transaction. If that fails each runs alone, so that only the culprit pays."""

    def transact() -> None:
        with transaction.atomic(), gather():
            done = _run(deliveries.claim(seqs), time.monotonic() + _LONGEST_TRANSACTION)
            deliveries.finish(done, last_of=lane)

    try:
        despite_conflicts(transact)
    except SoftTimeLimitExceeded:
        raise  # the marker stays: the next drain runs them alone
    except Exception as error:  # noqa: BLE001 - whatever it is, whose fault it is will show
        lane.insist(error)
        log.warning("%s: a batch of %s failed, each runs alone now: %s", lane.queue, len(seqs), deliveries.shown(error))
        failures.let_go(error)
    else:
        return
    run_alone(lane, seqs, until)


def run_alone(lane: Lane, seqs: Sequence[int], until: float) -> None:
    """Run each by itself with its attempt counted first; what is not reached stays marked for the next drain."""
    for seq in seqs:
        if time.monotonic() > until:
            return
        run_one(lane, seq)
    lane.unmark()


def run_one(lane: Lane, seq: int) -> None:
    """One attempt at one delivery, counted before it starts."""
    counted = deliveries.count_attempt(seq)
    if counted is None:
        return
    attempt, limit = counted
    if attempt > limit:
        deliveries.bury(seq, "its worker died in every attempt, or was ended by the time limit", unmade=1)
        return

    def transact() -> None:
        with transaction.atomic(), gather():
            done = _run(deliveries.claim([seq]), time.monotonic() + _LONGEST_TRANSACTION)
            deliveries.finish(done)

    try:
        despite_conflicts(transact)
    except BaseException as error:
        lane.insist(error)
        failures.fail(seq, error, attempt=attempt, limit=limit)
        if isinstance(error, SoftTimeLimitExceeded) or not isinstance(error, Exception):
            raise  # time is up, or the process is to end; by now it is known why


def understand(claimed: Sequence[Delivery]) -> Understood:
    """Pair deliveries with handler and event; removes repeats, and parks what nobody here understands."""
    fresh: dict[tuple[UUID, str], Delivery] = {}
    for delivery in claimed:
        if not delivery.heard:
            fresh.setdefault((delivery.event_id, delivery.handler_name), delivery)
    repeats = {delivery.seq for delivery in claimed} - {delivery.seq for delivery in fresh.values()}
    if repeats:
        deliveries.forget(sorted(repeats))
    understood: Understood = []
    for delivery in fresh.values():
        try:
            understood.append((delivery, delivery.handler, delivery.event))
        except NotUnderstood as error:
            log.error("%s of %s is parked: %s", delivery.handler_name, delivery.event_id, error)
            deliveries.bury(delivery.seq, error, parked=True, unmade=1)
    return understood


def _run(claimed: Sequence[Delivery], until: float) -> list[int]:
    """Run the handlers, as far as time allows; what they have done."""
    understood = understand(claimed)
    if not understood:
        return []
    take_locks(understood[0][0].queue, [event for _, _, event in understood])
    done: list[int] = []
    for handler, part in _portions(understood):
        if time.monotonic() > until:
            break
        _hand_over(handler, part)
        done.extend(delivery.seq for delivery, _, _ in part)
    return done


def _portions(understood: Understood) -> list[tuple[Handler, Understood]]:
    """What is run in one go: each event of a one-by-one handler, all events of one that takes many."""
    portions: list[tuple[Handler, Understood]] = []
    together: dict[str, Understood] = {}
    for each in understood:
        _, handler, _ = each
        if handler.one_by_one:
            portions.append((handler, [each]))
        elif handler.name in together:
            together[handler.name].append(each)
        else:
            together[handler.name] = [each]
            portions.append((handler, together[handler.name]))
    return portions


def _hand_over(handler: Handler, part: Understood) -> None:
    if handler.run is None:
        raise TypeError(f"{handler.name} is an outside handler, and yet in {part[0][0].queue}")
    with deliveries.caused_by([delivery for delivery, _, _ in part], handler.name):
        began = time.perf_counter()
        handler.run([event for _, _, event in part])
        tell(handler, len(part), time.perf_counter() - began)


def tell(handler: Handler, events: int, seconds: float) -> None:
    """A line for what a handler did, in the context that it did it in."""
    ms = round(seconds * 1000, 1)
    facts = {"handler": handler.name, "events": events, "ms": ms}
    log.info("%s heard %s event%s in %s ms", handler.name, events, "s"[events == 1 :], ms, extra={"facts": facts})


def despite_conflicts(transact: Callable[[], T]) -> T:
    """Run a transaction again that lost to another one: that is nobody's fault, and counts as no attempt."""
    for _ in range(_TRIES - 1):
        try:
            return transact()
        except OperationalError as error:
            if not isinstance(error.__cause__, failures.CONFLICTS):
                raise
            log.warning("lost to another transaction, trying again: %s", error.__cause__)
            time.sleep(random.uniform(0, 0.05))  # noqa: S311 - so that the two do not meet again
    return transact()
