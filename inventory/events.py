"""What inventory tells the others."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

import msgspec

from shop.bus import Event
from shop.moments import Moment

if TYPE_CHECKING:
    from inventory.models import Reservation, StockLevel


class Lack(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU of which more was wanted than there is."""

    sku: str
    wanted: int
    available: int


class ReservationEvent(Event, subject="reservations/{reservation_id}", key="order_id"):
    """What all news of a reservation carries."""

    reservation_id: UUID
    order_id: UUID


class StockReserved(ReservationEvent, name="stock.reserved", version=1):
    """Every line is held for this order until `expires_at`; nothing has left yet."""

    expires_at: Moment

    @classmethod
    def of(cls, reservation: "Reservation") -> Self:
        expires_at = msgspec.convert(reservation.expires_at, Moment)
        return cls(reservation_id=reservation.pk, order_id=reservation.order_id, expires_at=expires_at)


class StockRejected(ReservationEvent, name="stock.rejected", version=1):
    """Nothing is held for this order, because some of it is lacking."""

    lacking: tuple[Lack, ...]

    @classmethod
    def of(cls, reservation: "Reservation") -> Self:
        lacking = tuple(msgspec.convert(reservation.lacking, list[Lack]))
        return cls(reservation_id=reservation.pk, order_id=reservation.order_id, lacking=lacking)


class StockReleased(ReservationEvent, name="stock.released", version=1):
    """A hold ended; the pieces are available again."""

    @classmethod
    def of(cls, reservation: "Reservation") -> Self:
        return cls(reservation_id=reservation.pk, order_id=reservation.order_id)


class AvailabilityChanged(Event, name="availability.changed", version=1, subject="stock/{sku}@{location}", key="sku"):
    """The last free piece of a SKU at a place is held or gone, or there are free pieces again; once per crossing."""

    sku: str
    location: str
    available: bool

    @classmethod
    def of(cls, level: "StockLevel") -> Self:
        return cls(sku=level.sku, location=level.location, available=level.available > 0)


class StockLow(Event, name="stock.low", version=1, subject="stock/{sku}@{location}", key="sku"):
    """No more than `threshold` free pieces are left of a SKU at a place; once per crossing."""

    sku: str
    location: str
    available: int
    threshold: int

    @classmethod
    def of(cls, level: "StockLevel") -> Self:
        return cls(sku=level.sku, location=level.location, available=level.available, threshold=level.low_at)


class StockChanged(Event, name="stock.changed", version=1, subject="stock/{sku}@{location}", key="sku"):
    """On hand or reserved changed, by as much as told; once per SKU and place in a transaction."""

    sku: str
    location: str
    on_hand: int
    reserved: int
    on_hand_change: int
    reserved_change: int

    @classmethod
    def of(cls, level: "StockLevel") -> Self:
        return cls(
            sku=level.sku,
            location=level.location,
            on_hand=level.on_hand,
            reserved=level.reserved,
            on_hand_change=level.on_hand - level.was("on_hand", 0),
            reserved_change=level.reserved - level.was("reserved", 0),
        )
