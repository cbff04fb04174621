"""Locking what is about to change: levels first, then reservations, each in one sorted statement."""

from collections.abc import Iterable
from uuid import UUID

from inventory.models import MAIN, Reservation, ReservationLine, StockLevel
from shop.locking import locked


def lock_levels(*, skus: Iterable[str], order_ids: Iterable[UUID]) -> None:
    """Lock the levels of these SKUs and of what these orders hold, in one sorted statement."""
    held = ReservationLine.objects.filter(reservation__order_id__in=list(order_ids))
    levels_of({*skus, *held.values_list("sku", flat=True)})


def levels_of(skus: Iterable[str]) -> dict[str, StockLevel]:
    return {level.sku: level for level in locked(StockLevel, "sku", skus, location=MAIN)}


def reservations_of(order_ids: Iterable[UUID]) -> dict[UUID, Reservation]:
    return {reservation.order_id: reservation for reservation in locked(Reservation, "order_id", order_ids)}
