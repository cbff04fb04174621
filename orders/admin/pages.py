"""What an order's page shows: what was ordered, by whom, its story, and how it stands with stock, money and mails."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orders.admin.story import Entry, told
from orders.models import Order
from shop.admin.panels import Fact, Panel, about_order
from shop.admin.tones import TONES
from shop.money import Money
from shop.users.models import User

_ADDRESS = (("name",), ("line1",), ("line2",), ("postal_code", "city"), ("region",), ("country",))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """Everything on one page."""

    order: Order
    states: Sequence[Fact]
    facts: Sequence[Fact]
    address: Sequence[str]
    lines: dict[str, Any]
    parcels: dict[str, Any]
    returns: dict[str, Any]
    panels: Sequence[Panel]
    story: Sequence[Entry]
    has_more: bool


def page_of(order: Order, viewer: User) -> OrderPage:
    """The page as this viewer may see it."""
    panels = about_order(order.pk, viewer)
    story, has_more = told(order.pk, panels, viewer)
    return OrderPage(
        order=order,
        states=_states(order),
        facts=_facts(order, viewer),
        address=_address(order),
        lines=_lines(order),
        parcels=_parcels(order),
        returns=_returns(order),
        panels=panels,
        story=story,
        has_more=has_more,
    )


def _states(order: Order) -> list[Fact]:
    told = {
        "order": (order.status, order.get_status_display()),
        "stock": (order.stock_status, order.get_stock_status_display()),
        "payment": (order.payment_status, order.get_payment_status_display()),
        "shipped": (order.fulfilment_status, order.get_fulfilment_status_display()),
    }
    return [Fact(name=name, value=words, tone=TONES.get(state, "")) for name, (state, words) in told.items()]


def _facts(order: Order, viewer: User) -> list[Fact]:
    buyer = order.customer or order.guest
    facts = [Fact(name="Customer", value=buyer)] if viewer.has_perm("users.view_user") else []
    facts += [
        Fact(name="Total", value=order.money),
        Fact(name="Placed", value=order.placed_at),
        Fact(name="Confirmed", value=order.confirmed_at),
        Fact(name="Shipped", value=order.shipped_at),
        Fact(name="Delivered", value=order.delivered_at),
        Fact(name="Cancelled", value=order.cancelled_at, tone="danger"),
        Fact(name="Why", value=order.cancellation_reason.replace("_", " ")),
        Fact(name="By", value=order.get_cancelled_by_display()),
        Fact(name="Reference", value=order.external_reference),
    ]
    return [fact for fact in facts if fact.value]


def _address(order: Order) -> list[str]:
    """Line by line, as it stands on a parcel; of an erased person the country is left."""
    told = order.shipping_address
    lines = (" ".join(told[part] for part in parts if told.get(part)) for parts in _ADDRESS)
    return [line for line in lines if line]


def _lines(order: Order) -> dict[str, Any]:
    return {
        "headers": ["SKU", "Name", "Ordered", "Shipped", "Back", "Each", "Sum"],
        "rows": [
            [
                *(line.sku, line.name, line.quantity, line.shipped, line.returned),
                *(Money(line.unit_price, order.currency), Money(line.total, order.currency)),
            ]
            for line in order.lines.all()
        ],
    }


def _parcels(order: Order) -> dict[str, Any]:
    return {
        "headers": ["Left", "Carrier", "Tracking", "Pieces", "Arrived"],
        "rows": [
            [
                f"{each.shipped_at:%Y-%m-%d %H:%M}",
                each.carrier,
                each.tracking_number or "-",
                ", ".join(map(str, each.lines.all())),
                f"{each.delivered_at:%Y-%m-%d %H:%M}" if each.delivered_at else "on its way",
            ]
            for each in order.shipments.all()
        ],
    }


def _returns(order: Order) -> dict[str, Any]:
    return {
        "headers": ["Announced", "State", "Pieces", "Why", "Refund"],
        "rows": [
            [
                f"{each.requested_at:%Y-%m-%d %H:%M}",
                each.get_status_display(),
                ", ".join(map(str, each.lines.all())),
                each.reason or "-",
                Money(each.refund, order.currency),
            ]
            for each in order.returns.all()
        ],
    }
