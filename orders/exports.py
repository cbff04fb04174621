"""What orders holds about a person."""

from typing import Any
from uuid import UUID

from orders.models import Order, OrderLine

_ORDER = (
    "id",
    "number",
    "status",
    "currency",
    "total",
    "shipping_address",
    "payment_method",
    "external_reference",
    "placed_at",
    "confirmed_at",
    "cancelled_at",
    "cancellation_reason",
)
_LINE = ("sku", "name", "quantity", "unit_price")


def held_about(user_id: UUID) -> list[dict[str, Any]]:
    """Their orders, oldest first."""
    lines: dict[UUID, list[dict[str, Any]]] = {}
    for line in OrderLine.objects.filter(order__customer=user_id).values("order_id", *_LINE):
        lines.setdefault(line.pop("order_id"), []).append(line)
    orders = Order.objects.filter(customer=user_id).order_by("pk").values(*_ORDER)
    return [{**order, "lines": lines.get(order["id"], [])} for order in orders]
