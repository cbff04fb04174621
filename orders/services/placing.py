"""Placing an order: what a customer has committed to, at the prices of this moment."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from uuid_utils.compat import uuid7

from orders.models import Order, OrderLine
from shop.catalogue.offers import Offer, offers
from shop.prepared import prepared
from shop.states import bulk_save
from shop.users.models import Guest, Language, User


class NewLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer wants of one SKU."""

    sku: str
    quantity: int


class NewGuest(msgspec.Struct, frozen=True, kw_only=True):
    """Who orders without an account."""

    email: str
    name: str = ""
    language: str = Language.ENGLISH


class NotForSale(LookupError):
    """Some SKUs are unknown, no longer sold, or have no price in this currency; `places` says which lines."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__(NotForSale.__doc__)
        self.places = places


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer or a guest commits to."""

    id: UUID = msgspec.field(default_factory=uuid7)
    customer: User | NewGuest
    lines: Sequence[NewLine]
    currency: str
    shipping_address: Mapping[str, Any]
    payment_method: str
    external_reference: str = ""


def place_order(
    *,
    customer: User | NewGuest,
    lines: Sequence[NewLine],
    currency: str,
    shipping_address: Mapping[str, Any],
    payment_method: str,
    external_reference: str = "",
) -> Order:
    """Place one order. Raises `NotForSale`."""
    wanted = NewOrder(
        customer=customer,
        lines=lines,
        currency=currency,
        shipping_address=shipping_address,
        payment_method=payment_method,
        external_reference=external_reference,
    )
    (order,) = place_orders(wanted=[wanted])
    if isinstance(order, NotForSale):
        raise order
    return order


@transaction.atomic(savepoint=False)
def place_orders(*, wanted: Sequence[NewOrder]) -> list[Order | NotForSale]:
    """Write down what some have committed to, at the prices of this moment; of what is not for sale nothing is written.

    Orders are written after their lines, so that their news carries them; the foreign key is checked at the commit.
    """
    placed = [_agreed(each, found) for each, found in zip(wanted, _offers(wanted), strict=True)]
    orders = [order for order in placed if isinstance(order, Order)]
    if orders:
        _write_lines([line for order in orders for line in order.lines.all()])
        bulk_save(orders)
    return placed


def _offers(wanted: Sequence[NewOrder]) -> list[Mapping[str, Offer]]:
    skus: dict[str, set[str]] = {}
    for order in wanted:
        skus.setdefault(order.currency, set()).update(line.sku for line in order.lines)
    found = {currency: offers(sorted(some), currency) for currency, some in skus.items()}
    return [found[order.currency] for order in wanted]


def _agreed(wanted: NewOrder, found: Mapping[str, Offer]) -> Order | NotForSale:
    missing = [place for place, line in enumerate(wanted.lines) if line.sku not in found]
    if missing:
        return NotForSale(missing)
    order = Order(
        id=wanted.id,
        **_buyer(wanted.customer),
        currency=wanted.currency,
        total=sum(found[line.sku].amount * line.quantity for line in wanted.lines),
        shipping_address=dict(wanted.shipping_address),
        payment_method=wanted.payment_method,
        external_reference=wanted.external_reference,
    )
    order.remember_lines(
        OrderLine(
            order_id=wanted.id,
            sku=line.sku,
            name=found[line.sku].name,
            quantity=line.quantity,
            unit_price=found[line.sku].amount,
        )
        for line in wanted.lines
    )
    return order


def _buyer(customer: User | NewGuest) -> dict[str, User | Guest]:
    if isinstance(customer, User):
        return {"customer": customer}
    email = customer.email.lower()
    return {"guest": Guest.objects.create(email=email, name=customer.name, language=customer.language)}


_LINES = """
INSERT INTO orders_orderline (order_id, sku, name, quantity, unit_price, shipped)
SELECT order_id, sku, name, quantity, unit_price, 0
FROM json_to_recordset(%s::json) AS line (order_id uuid, sku text, name text, quantity integer, unit_price integer)
RETURNING id
"""


def _write_lines(lines: Sequence[OrderLine]) -> None:
    values = [
        {
            "order_id": line.order_id,
            "sku": line.sku,
            "name": line.name,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
        }
        for line in lines
    ]
    with prepared() as cursor:
        cursor.execute(_LINES, [msgspec.json.encode(values).decode()])
        for line, (key,) in zip(lines, cursor.fetchall(), strict=True):
            line.pk = key
