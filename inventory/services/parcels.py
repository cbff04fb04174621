"""Goods that leave, and goods that come back. Both are facts, whatever was held; each counts once."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from django.db import transaction

from inventory.models import MAIN, Cause, Movement, Reservation, ReservationLine, State, StockLevel
from inventory.services.locking import levels_of, reservations_of
from shop.states import bulk_save


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What has left for an order in one shipment, or has come back of it in one return, SKU by SKU."""

    source: UUID
    order_id: UUID
    quantities: Mapping[str, int]


@transaction.atomic(savepoint=False)
def take_out(*, parcels: Sequence[Parcel]) -> None:
    """What has left lies here no more, and whatever held it holds it no more.

    That it left is a fact, even where nothing was held for it: then it is taken from what was available, and the
    database refuses only to take what is held for others.
    """
    levels = levels_of({sku for parcel in parcels for sku in parcel.quantities})
    reservations = reservations_of(parcel.order_id for parcel in parcels)
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
    _write_down(fresh, Cause.SHIPPED, sign=-1)
    bulk_save(list(levels.values()))
    bulk_save(list(reservations.values()))


@transaction.atomic(savepoint=False)
def restock(*, parcels: Sequence[Parcel]) -> None:
    """What came back and can be sold again lies here again."""
    levels = levels_of({sku for parcel in parcels for sku in parcel.quantities})
    fresh = _unheard(parcels)
    for parcel in fresh:
        for sku, quantity in parcel.quantities.items():
            levels.setdefault(sku, StockLevel(sku=sku, location=MAIN, on_hand=0)).on_hand += quantity
    _write_down(fresh, Cause.RETURNED, sign=1)
    bulk_save(list(levels.values()))


def _write_down(parcels: Iterable[Parcel], cause: Cause, *, sign: int) -> None:
    Movement.objects.bulk_create(
        Movement(sku=sku, delta=sign * quantity, cause=cause, source=parcel.source, order_id=parcel.order_id)
        for parcel in parcels
        for sku, quantity in parcel.quantities.items()
    )


def _unheard(parcels: Sequence[Parcel]) -> list[Parcel]:
    named = {parcel.source: parcel for parcel in parcels}
    known = set(Movement.objects.filter(source__in=list(named)).values_list("source", flat=True))
    return [parcel for source, parcel in named.items() if source not in known]
