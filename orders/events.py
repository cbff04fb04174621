"""What orders tells the others."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

import msgspec

from shop.bus import Event
from shop.money import Money

if TYPE_CHECKING:
    from orders.models import Order, Return, Shipment


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What was ordered of one SKU; `unit_price` is in minor units of the order's currency."""

    sku: str
    name: str
    quantity: int
    unit_price: int


class OrderEvent(Event, subject="orders/{order_id}", key="order_id"):
    """What all news of an order carries; `customer_id` is a guest's id where the order is a guest's."""

    order_id: UUID
    number: str
    customer_id: UUID


class OrderPlaced(OrderEvent, name="order.placed", version=1):
    """A customer has committed to buy; nothing is reserved or paid yet."""

    lines: tuple[Line, ...]
    total: Money
    payment_method: str

    @classmethod
    def of(cls, order: "Order") -> Self:
        return cls(
            order_id=order.pk,
            number=str(order.number),
            customer_id=order.buyer_id,
            lines=tuple(
                Line(sku=line.sku, name=line.name, quantity=line.quantity, unit_price=line.unit_price)
                for line in order.lines.all()
            ),
            total=order.money,
            payment_method=order.payment_method,
        )


class OrderConfirmed(OrderEvent, name="order.confirmed", version=1):
    """Stock is held and the money authorised: we will deliver. The money is not taken yet."""

    total: Money

    @classmethod
    def of(cls, order: "Order") -> Self:
        return cls(order_id=order.pk, number=str(order.number), customer_id=order.buyer_id, total=order.money)


class OrderCancelled(OrderEvent, name="order.cancelled", version=1):
    """We will not deliver. What was held or taken for the order is still to be given back.

    `cancelled_by` is `customer`, `staff` or `system`; the oldest news of this kind did not say it.
    """

    reason: str
    cancelled_by: str = "system"

    @classmethod
    def of(cls, order: "Order") -> Self:
        return cls(
            order_id=order.pk,
            number=str(order.number),
            customer_id=order.buyer_id,
            reason=order.cancellation_reason,
            cancelled_by=order.cancelled_by,
        )


class ShippedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of one SKU in a shipment."""

    sku: str
    name: str
    quantity: int


class OrderShipped(OrderEvent, name="order.shipped", version=1):
    """A shipment has left with these lines; with `complete` nothing of the order is left to ship."""

    shipment_id: UUID
    lines: tuple[ShippedLine, ...]
    complete: bool
    carrier: str
    tracking_number: str
    tracking_url: str

    @classmethod
    def of(cls, shipment: "Shipment") -> Self:
        order = shipment.order
        return cls(
            order_id=order.pk,
            number=str(order.number),
            customer_id=order.buyer_id,
            shipment_id=shipment.pk,
            lines=_lines(shipment),
            complete=order.status == "shipped",
            carrier=shipment.carrier,
            tracking_number=shipment.tracking_number,
            tracking_url=shipment.tracking_url,
        )


class OrderDelivered(OrderEvent, name="order.delivered", version=1):
    """A shipment has arrived with these lines; with `complete` all of the order has."""

    shipment_id: UUID
    lines: tuple[ShippedLine, ...]
    complete: bool

    @classmethod
    def of(cls, shipment: "Shipment") -> Self:
        order = shipment.order
        return cls(
            order_id=order.pk,
            number=str(order.number),
            customer_id=order.buyer_id,
            shipment_id=shipment.pk,
            lines=_lines(shipment),
            complete=order.status == "delivered",
        )


class ReturnedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of one SKU that came back; with `restock` they can be sold again."""

    sku: str
    name: str
    quantity: int
    restock: bool


class OrderReturned(OrderEvent, name="order.returned", version=1):
    """Goods came back, and `refund` is to be given back for them; with `complete` all of the order has come back."""

    return_id: UUID
    lines: tuple[ReturnedLine, ...]
    refund: Money
    complete: bool

    @classmethod
    def of(cls, returned: "Return") -> Self:
        order = returned.order
        return cls(
            order_id=order.pk,
            number=str(order.number),
            customer_id=order.buyer_id,
            return_id=returned.pk,
            lines=tuple(
                ReturnedLine(sku=each.line.sku, name=each.line.name, quantity=each.quantity, restock=each.restock)
                for each in returned.lines.all()
            ),
            refund=Money(returned.refund, order.currency),
            complete=order.return_status == "returned",
        )


def _lines(shipment: "Shipment") -> tuple[ShippedLine, ...]:
    return tuple(
        ShippedLine(sku=each.line.sku, name=each.line.name, quantity=each.quantity) for each in shipment.lines.all()
    )
