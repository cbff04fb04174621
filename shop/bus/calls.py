"""Running outside handlers: many calls in flight, a lease on each, and a slot refilled as soon as it is free.

Whatever becomes of the drain, it brings home what it can: an answer that is not written down is asked for again, and a
mail would leave twice.
"""

import logging
import time
from collections.abc import Sequence
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction

from shop.bus import batch, deliveries, failures, leases
from shop.bus.flights import Call, Flight, Hangs, Landed
from shop.bus.handlers import Handler, attempts_of
from shop.bus.lanes import Lane, LaneLost
from shop.bus.leases import Lease
from shop.bus.outside import Answer, Unavailable
from shop.bus.publishing import gather
from shop.bus.together import by_handler, together_or_alone

log = logging.getLogger(__name__)

_PATIENCE = 10.0  # seconds to write down what was answered, while the database or a lock does not let us
_BREATH = 0.2  # seconds between two tries of that


_closed_until: dict[str, float] = {}


def drain(lane: Lane, until: float) -> None:
    """Lease, prepare, call and settle until nothing is due or time is up; calls in flight are always awaited.

    Raises `SystemExit` if some do not come back: a thread cannot be ended, so its process must be.
    """
    flight = Flight(lane.queue)
    try:
        _drain(lane, flight, until)
    except SoftTimeLimitExceeded as error:
        if _give_up(lane, flight):
            raise SystemExit(f"calls of {lane.queue} hang in this process") from error
        raise
    except BaseException:
        _bring_home(lane, flight)
        raise
    finally:
        flight.end()


def _drain(lane: Lane, flight: Flight, until: float) -> None:
    suspects = leases.take_over(lane)
    while suspects:
        if time.monotonic() > until:
            return  # the marker names them for the next drain
        suspect, *suspects = suspects
        flight.begin(_prepared(lane, leases.take(lane, 1, beside=suspects, only=suspect)))
        while flight:
            _land(lane, flight, until)
    while True:
        if time.monotonic() > until:
            _recall(flight)
        elif flight.room:
            flight.begin(_prepared(lane, leases.take(lane, flight.room, beside=[call.seq for call in flight.calls])))
        if not flight:
            break
        _land(lane, flight, until)
    lane.unmark()


def _give_up(lane: Lane, flight: Flight) -> Sequence[Call]:
    """Time is up. What has come back counts; returns what hangs."""
    _recall(flight)
    _land(lane, flight, 0)
    hanging = flight.calls
    for call in hanging:
        _failed(flight, call, Hangs(Hangs.__doc__))
    lane.account_for(*(call.seq for call in hanging))
    return hanging


def _bring_home(lane: Lane, flight: Flight) -> None:
    """The drain ends early. A lease is a fence without the lane, too: what is answered is written down all the same."""
    until = time.monotonic() + _PATIENCE
    while flight and time.monotonic() < until:
        try:
            close_old_connections()
            connection.ensure_connection()
            _recall(flight)
            _land(lane.beside(), flight, 0)
        except (OperationalError, InterfaceError, LaneLost) as error:
            log.warning("%s: %s answers wait for the database: %s", lane.queue, len(flight), deliveries.shown(error))
            time.sleep(_BREATH)


def _recall(flight: Flight) -> None:
    """Whose turn has not come is somebody else's, and nothing was tried."""
    leases.give_back([call.lease for call in flight.recall()])


def _prepared(lane: Lane, leased: Sequence[Lease]) -> list[Call]:
    def failed(lease: Lease, error: Exception) -> None:
        failures.fail(lease.seq, error, attempt=lease.attempt, limit=attempts_of(lease.handler))

    return together_or_alone(lane, _prepare, leased, failed)


def _prepare(leased: Sequence[Lease]) -> list[Call]:
    lease_of = {lease.seq: lease for lease in leased}
    calls: list[Call] = []
    with transaction.atomic(), gather():
        ours = [each for each in deliveries.claim(list(lease_of)) if each.attempts == lease_of[each.seq].attempt]
        understood = batch.understand(ours)
        for handler, part in by_handler(understood, lambda each: each[1]):
            living = [each for each in part if _may_try(lease_of[each[0].seq], handler)]
            if not living:
                continue
            with deliveries.caused_by([delivery for delivery, _, _ in living], f"{handler.name} prepare"):
                intents = handler.outward.prepare([event for _, _, event in living])
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


def _land(lane: Lane, flight: Flight, until: float) -> None:
    """Write down what has come back. For a lock that somebody holds an answer waits here, as long as time is left."""
    back = flight.back()
    for landed in back:
        if landed.error is not None:
            _failed(flight, landed.call, landed.error)
    answered = [landed for landed in back if landed.error is None]

    def settle(each: Sequence[Landed]) -> list[None]:
        return _settle(flight, each)

    def failed(each: Landed, error: Exception) -> None:
        if not (failures.is_nobodys_fault(error) and time.monotonic() < until + _PATIENCE):
            _failed(flight, each.call, error)

    together_or_alone(lane, settle, answered, failed)


def _failed(flight: Flight, call: Call, error: BaseException) -> None:
    if isinstance(error, Unavailable):
        _closed_until[_dependency(call.handler)] = time.monotonic() + error.retry_after
        _recall(flight)
    failures.fail(call.seq, error, attempt=call.lease.attempt, limit=call.handler.attempts)
    flight.account_for([call])


def _settle(flight: Flight, answered: Sequence[Landed]) -> list[None]:
    """In one transaction: outcomes are written and their deliveries finished, as far as the lease is still ours."""
    with transaction.atomic(), gather():
        ours = leases.hold([each.call.lease for each in answered])
        for handler, part in by_handler(answered, lambda each: each.call.handler):
            current = [each for each in part if each.call.lease in ours]
            with deliveries.caused_by([each.call.delivery for each in part], f"{handler.name} settle"):
                if current:
                    handler.outward.settle([_answer(each) for each in current])
                for each in part:
                    if each.call.lease not in ours:
                        handler.outward.late(_answer(each))
                batch.tell(handler, len(part), max(each.seconds for each in part))
        deliveries.finish(sorted(lease.seq for lease in ours))
    flight.account_for(each.call for each in answered)
    return []


def _answer(each: Landed) -> Answer[Any, Any, Any]:
    return Answer(each.call.event, each.call.intent, each.outcome)


def _dependency(handler: Handler) -> str:
    return handler.outward.dependency or handler.queue
