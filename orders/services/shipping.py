"""Shipping orders, and following them until they have arrived."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from orders.models import Order, OrderLine, Shipment, ShipmentLine, ShipmentStatus
from orders.services.forgetting import forget_erased
from orders.services.placing import NewLine
from shop.states import bulk_save


class NotShippable(RuntimeError):
    """Only what is confirmed and paid for can leave."""

    def __init__(self, order: Order) -> None:
        super().__init__(NotShippable.__doc__)
        self.order = order


class NotOrdered(LookupError):
    """Some SKUs are not in this order; `places` says which lines."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__(NotOrdered.__doc__)
        self.places = places


class TooMany(RuntimeError):
    """More pieces than have not left yet; `remaining` says how many those are, SKU by SKU."""

    def __init__(self, remaining: Mapping[str, int]) -> None:
        super().__init__(TooMany.__doc__)
        self.remaining = remaining


class AlreadyDelivered(RuntimeError):
    """This shipment has arrived before."""

    def __init__(self, shipment: Shipment) -> None:
        super().__init__(AlreadyDelivered.__doc__)
        self.shipment = shipment


@transaction.atomic(savepoint=False)
def ship(
    *,
    order_id: UUID,
    lines: Sequence[NewLine] | None = None,
    carrier: str,
    tracking_number: str = "",
    tracking_url: str = "",
) -> Shipment:
    """Note that these pieces of an order have left, or all that had not; the order is locked, so none leaves twice.

    The shipment is written after its lines and after its order, so that its news knows both.
    Raises `NotShippable`, `NotOrdered` and `TooMany`.
    """
    order = Order.objects.locked().prefetch_related("lines").get(pk=order_id)
    if not order.is_shippable:
        raise NotShippable(order)
    leaving = _leaving(order, lines)
    shipment = Shipment(order=order, carrier=carrier, tracking_number=tracking_number, tracking_url=tracking_url)
    shipment.remember_lines(
        ShipmentLine.objects.bulk_create(
            ShipmentLine(shipment=shipment, line=line, quantity=quantity) for line, quantity in leaving.items()
        )
    )
    for line, quantity in leaving.items():
        line.shipped += quantity
    OrderLine.objects.bulk_update(leaving, ["shipped"])
    order.note_shipped()
    order.save()
    shipment.save()
    return shipment


@transaction.atomic(savepoint=False)
def deliver(*, order_id: UUID, shipment_id: UUID) -> Shipment:
    """Note that a shipment has arrived, and with the last one the order. Raises `AlreadyDelivered`."""
    order = Order.objects.locked().get(pk=order_id)
    shipments = order.shipments.locked().prefetch_related("lines__line")
    shipment = shipments.get(pk=shipment_id)
    if shipment.status == ShipmentStatus.DELIVERED:
        raise AlreadyDelivered(shipment)
    shipment.order = order
    shipment.status = ShipmentStatus.DELIVERED
    shipment.delivered_at = timezone.now()
    if not order.shipments.filter(status=ShipmentStatus.SHIPPED).exclude(pk=shipment_id).exists():
        order.note_delivered()
        forget_erased([order])
    bulk_save([order])
    shipment.save()
    return shipment


def _leaving(order: Order, wanted: Sequence[NewLine] | None) -> dict[OrderLine, int]:
    lines: dict[str, OrderLine] = {line.sku: line for line in order.lines.all()}
    if wanted is None:
        return {line: line.remaining for line in lines.values() if line.remaining}
    if unknown := [place for place, each in enumerate(wanted) if each.sku not in lines]:
        raise NotOrdered(unknown)
    if any(each.quantity > lines[each.sku].remaining for each in wanted):
        raise TooMany({sku: line.remaining for sku, line in lines.items()})
    return {lines[each.sku]: each.quantity for each in wanted}
