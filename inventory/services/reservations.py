"""Holding stock for orders, and letting it go."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from inventory.models import MAIN, Departure, Reservation, ReservationLine, State, StockLevel
from shop.clock import shop_now
from shop.states import bulk_save


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What an order wants to be held, SKU by SKU, and until when."""

    order_id: UUID
    quantities: Mapping[str, int]
    expires_at: datetime


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What has left for an order in one shipment, SKU by SKU."""

    shipment_id: UUID
    order_id: UUID
    quantities: Mapping[str, int]


def lock_levels(*, skus: Iterable[str], order_ids: Iterable[UUID]) -> None:
    """Lock the levels of these SKUs and of what these orders hold, in one sorted statement."""
    held = ReservationLine.objects.filter(reservation__order_id__in=list(order_ids))
    _levels({*skus, *held.values_list("sku", flat=True)})


@transaction.atomic(savepoint=False)
def reserve(*, orders: Sequence[Wanted]) -> None:
    """Hold everything an order wants, or nothing of it; who comes first is served first.

    An order that was heard of before is left as it is: held already, or closed before this news arrived.
    """
    levels = _levels({sku for wanted in orders for sku in wanted.quantities})
    known = set(_reservations(wanted.order_id for wanted in orders))
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
    reservations = list(_reservations(order_ids).values())
    for reservation in reservations:
        if reservation.state == State.HELD:
            reservation.state = State.COMMITTED
    bulk_save(reservations)


@transaction.atomic(savepoint=False)
def release(*, order_ids: Sequence[UUID]) -> None:
    """Give back what is held for these orders; whoever wants to hold for them later finds them closed."""
    lock_levels(skus=(), order_ids=order_ids)
    reservations = _reservations(order_ids)
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
    held = [reservation for reservation in _reservations(order_ids).values() if reservation.state == State.HELD]
    _let_go([reservation for reservation in held if reservation.expires_at and reservation.expires_at <= now])


@transaction.atomic(savepoint=False)
def take_out(*, parcels: Sequence[Parcel]) -> None:
    """What has left lies here no more, and whatever held it holds it no more. A parcel counts once.

    That it left is a fact, even where nothing was held for it: then it is taken from what was available, and the
    database refuses only to take what is held for others.
    """
    levels = _levels({sku for parcel in parcels for sku in parcel.quantities})
    reservations = _reservations(parcel.order_id for parcel in parcels)
    fresh = _unheard(parcels)
    holding = [reservation for reservation in reservations.values() if reservation.holds]
    lines = {(line.reservation_id, line.sku): line for line in ReservationLine.objects.filter(reservation__in=holding)}
    for parcel in fresh:
        reservation = reservations.setdefault(
            parcel.order_id, Reservation(order_id=parcel.order_id, state=State.SHIPPED)
        )
        for sku, quantity in parcel.quantities.items():
            levels[sku].on_hand -= quantity
            if line := lines.get((reservation.pk, sku)):
                line.shipped += quantity
                levels[sku].reserved -= quantity
    for reservation in holding:
        left = [line.held for (owner, _), line in lines.items() if owner == reservation.pk]
        reservation.state = State.COMMITTED if any(left) else State.SHIPPED
    ReservationLine.objects.bulk_update(lines.values(), ["shipped"])
    Departure.objects.bulk_create(Departure(shipment_id=each.shipment_id, order_id=each.order_id) for each in fresh)
    bulk_save(list(levels.values()))
    bulk_save(list(reservations.values()))


def _unheard(parcels: Sequence[Parcel]) -> list[Parcel]:
    named = {parcel.shipment_id: parcel for parcel in parcels}
    known = set(Departure.objects.filter(pk__in=list(named)).values_list("pk", flat=True))
    return [parcel for shipment_id, parcel in named.items() if shipment_id not in known]


def _let_go(reservations: Sequence[Reservation]) -> None:
    """End holds that are locked; only now is it sure which lines they have."""
    lines = list(ReservationLine.objects.filter(reservation__in=reservations))
    levels = _levels({line.sku for line in lines})
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


def _levels(skus: Iterable[str]) -> dict[str, StockLevel]:
    return {level.sku: level for level in StockLevel.objects.locked().filter(sku__in=list(skus), location=MAIN)}


def _reservations(order_ids: Iterable[UUID]) -> dict[UUID, Reservation]:
    found = Reservation.objects.locked().filter(order_id__in=list(order_ids))
    return {reservation.order_id: reservation for reservation in found}
