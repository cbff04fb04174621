"""What staff do with an order, each on a page that asks first. The services decide; see `shop.admin.deeds`."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import URLValidator

from orders import services
from orders.models import Order, OrderLine, Party, Reason, Shipment, ShipmentStatus, Status
from orders.services import NewLine
from shop.admin import fields
from shop.admin.deeds import Deed
from shop.users.models import User


class OrderDeed(Deed):
    row: Order
    subject = "orders"

    def noted(self) -> dict[str, Any]:
        order = self.row
        return {
            "status": order.status,
            "fulfilment": order.fulfilment_status,
            "returned": order.return_status,
            "shipped": {line.sku: line.shipped for line in order.lines.all() if line.shipped},
            "came_back": {line.sku: line.returned for line in order.lines.all() if line.returned},
        }

    def person(self) -> UUID | None:
        return self.row.customer_id


_REASONS = [
    *((reason.value, str(reason.label)) for reason in (Reason.CUSTOMER_REQUEST, Reason.OUT_OF_STOCK)),
    ("suspected_fraud", "Suspected fraud"),
    ("mistake", "Mistake of ours"),
]


class Cancel(OrderDeed):
    title = "Cancel"
    button = "Cancel the order"
    action = "order.cancelled"
    is_final = True
    refusals = (services.NotCancellable,)

    code = fields.Choice(label="Why", choices=_REASONS, help_text="The customer may be told.")
    reason = fields.Reason(label="In your words")

    def is_possible(self) -> bool:
        return self.row.may_become(Status.CANCELLED)

    def told(self) -> str:
        return "What is held for it is released, and what was paid is given back. An order is not cancelled in parts."

    def do(self, by: User) -> str:
        services.cancel_on_request(order_id=self.row.pk, reason=self.cleaned_data["code"], by=Party.STAFF)
        return "The order is cancelled; stock and money follow."


class Ship(OrderDeed):
    title = "Ship"
    button = "It has left"
    action = "order.shipped"
    refusals = (services.NotShippable, services.TooMany)

    carrier = fields.Text(max_length=100)
    tracking_number = fields.Text(max_length=100, required=False)
    tracking_url = fields.Text(
        label="Tracking URL", max_length=500, required=False, validators=[URLValidator(schemes=["http", "https"])]
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.leaving = {f"pieces_{line.pk}": line for line in self.row.lines.all() if line.remaining}
        for name, line in self.leaving.items():
            self.fields[name] = pieces_of(line, most=line.remaining, initial=line.remaining)
        self.order_fields([*self.leaving, "carrier"])

    def is_possible(self) -> bool:
        return self.row.is_shippable

    def told(self) -> str:
        return "What stays behind can leave later, in a shipment of its own."

    def clean(self) -> dict[str, Any]:
        return require_some(self.cleaned_data, self.leaving, "Which pieces have left?")

    def do(self, by: User) -> str:
        told = self.cleaned_data
        lines = [NewLine(sku=line.sku, quantity=told[name]) for name, line in self.leaving.items() if told.get(name)]
        tracking = {name: told[name] for name in ("carrier", "tracking_number", "tracking_url")}
        shipment = services.ship(order_id=self.row.pk, lines=lines, **tracking)
        return f"{sum(line.quantity for line in shipment.lines.all())} pieces have left with {shipment.carrier}."


class Deliver(OrderDeed):
    title = "Mark delivered"
    button = "It has arrived"
    action = "order.delivered"
    refusals = (services.AlreadyDelivered, Shipment.DoesNotExist)

    shipment = fields.Choice(help_text="Which shipment has arrived.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.under_way = [each for each in self.row.shipments.all() if each.status == ShipmentStatus.SHIPPED]
        field: Any = self.fields["shipment"]  # a choice, which the type of `fields` does not know
        field.choices = [(str(shipment.pk), _parcel(shipment)) for shipment in self.under_way]

    def is_possible(self) -> bool:
        return bool(self.under_way)

    def noted(self) -> dict[str, Any]:
        shipments = self.row.shipments.order_by("pk")
        return super().noted() | {"shipments": {str(each.pk): each.status for each in shipments}}

    def do(self, by: User) -> str:
        services.deliver(order_id=self.row.pk, shipment_id=UUID(self.cleaned_data["shipment"]))
        return "The shipment has arrived."


def pieces_of(line: OrderLine, *, most: int, initial: int) -> fields.Pieces:
    """How many of a line are meant."""
    return fields.Pieces(
        label=f"{line.name} ({line.sku})", min_value=0, max_value=most, initial=initial, help_text=f"{most} at most"
    )


def require_some(told: dict[str, Any], lines: dict[str, OrderLine], question: str) -> dict[str, Any]:
    """Of one line at least there must be something."""
    if not any(told.get(name) for name in lines) and all(name in told for name in lines):
        raise forms.ValidationError(question, code="nothing")
    return told


def _parcel(shipment: Shipment) -> str:
    return f"{shipment.carrier} {shipment.tracking_number}, left {shipment.shipped_at:%Y-%m-%d %H:%M} UTC"
