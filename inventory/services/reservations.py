"""Holding stock for orders, and letting it go."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from inventory.models import Reservation, ReservationLine, State, StockLevel
from inventory.services.locking import levels_of, lock_levels, reservations_of
from shop.clock import shop_now
from shop.states import bulk_save


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What an order wants to be held, SKU by SKU, and until when."""

    order_id: UUID
    quantities: Mapping[str, int]
    expires_at: datetime


@transaction.atomic(savepoint=False)
def reserve(*, orders: Sequence[Wanted]) -> None:
    """Hold everything an order wants, or nothing of it; who comes first is served first.

    An order that was heard of before is left as it is: held already, or closed before this news arrived.
    """
    levels = levels_of({sku for wanted in orders for sku in wanted.quantities})
    known = set(reservations_of(wanted.order_id for wanted in orders))
    fresh = {wanted.order_id: wanted for wanted in orders if wanted.order_id not in known}
    made = [_hold(wanted, levels) for wanted in fresh.values()]
    ReservationLine.objects.bulk_create(
        ReservationLine(reservation=reservation, sku=sku, quantity=quantity)
        for reservation in made
        for sku, quantity in fresh[reservation.order_id].quantities.items()
    )
    bulk_save(list(levels.values()))
    bulk_save(made)


@transaction.atomic(savepoint=False)
def commit(*, order_ids: Iterable[UUID]) -> None:
    """Keep what is held for these orders until it is shipped; it no longer expires."""
    reservations = list(reservations_of(order_ids).values())
    for reservation in reservations:
        if reservation.state == State.HELD:
            reservation.state = State.COMMITTED
    bulk_save(reservations)


@transaction.atomic(savepoint=False)
def release(*, order_ids: Sequence[UUID]) -> None:
    """Give back what is held for these orders; whoever wants to hold for them later finds them closed."""
    lock_levels(skus=(), order_ids=order_ids)
    reservations = reservations_of(order_ids)
    _let_go([reservation for reservation in reservations.values() if reservation.holds])
    bulk_save(
        [
            Reservation(order_id=order_id, state=State.CLOSED)
            for order_id in dict.fromkeys(order_ids)
            if order_id not in reservations
        ]
    )


@transaction.atomic(savepoint=False)
def expire(*, order_ids: Sequence[UUID]) -> None:
    """Release what is held past its time and was never committed to."""
    lock_levels(skus=(), order_ids=order_ids)
    now = shop_now()
    held = [reservation for reservation in reservations_of(order_ids).values() if reservation.state == State.HELD]
    _let_go([reservation for reservation in held if reservation.expires_at and reservation.expires_at <= now])


@transaction.atomic(savepoint=False)
def hold_longer(*, order_ids: Sequence[UUID], until: datetime) -> None:
    """Hold what is held for these orders for longer: their customers are still to act."""
    held = [reservation for reservation in reservations_of(order_ids).values() if reservation.state == State.HELD]
    for reservation in held:
        reservation.expires_at = max(until, reservation.expires_at or until)
    bulk_save(held)


def _let_go(reservations: Sequence[Reservation]) -> None:
    """End holds that are locked; only now is it sure which lines they have."""
    lines = list(ReservationLine.objects.filter(reservation__in=reservations))
    levels = levels_of({line.sku for line in lines})
    for line in lines:
        levels[line.sku].reserved -= line.held
    for reservation in reservations:
        reservation.state = State.RELEASED
    bulk_save(list(levels.values()))
    bulk_save(reservations)


def _hold(wanted: Wanted, levels: Mapping[str, StockLevel]) -> Reservation:
    lacking = [
        {"sku": sku, "wanted": quantity, "available": levels[sku].available if sku in levels else 0}
        for sku, quantity in wanted.quantities.items()
        if sku not in levels or levels[sku].available < quantity
    ]
    if not lacking:
        for sku, quantity in wanted.quantities.items():
            levels[sku].reserved += quantity
    return Reservation(
        order_id=wanted.order_id,
        state=State.REJECTED if lacking else State.HELD,
        expires_at=None if lacking else wanted.expires_at,
        lacking=lacking,
    )
