"""Placing an order: what a customer has committed to, at the prices of this moment."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from orders.models import Order, OrderLine
from shop.catalogue.offers import Offer, offers
from shop.prepared import prepared
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


@transaction.atomic(savepoint=False)
def place_order(
    *,
    customer: User | NewGuest,
    lines: Sequence[NewLine],
    currency: str,
    shipping_address: Mapping[str, Any],
    payment_method: str,
    external_reference: str = "",
) -> Order:
    """Write down what a customer or a guest has committed to, at the prices of this moment.

    The order is written after its lines, so that its news carries them; the foreign key is checked at the commit.
    Raises `NotForSale`.
    """
    found = _offers([line.sku for line in lines], currency)
    order = Order(
        **_buyer(customer),
        currency=currency,
        total=sum(found[line.sku].amount * line.quantity for line in lines),
        shipping_address=dict(shipping_address),
        payment_method=payment_method,
        external_reference=external_reference,
    )
    order.remember_lines(_written(order.pk, lines, found))
    order.save()
    return order


def _buyer(customer: User | NewGuest) -> dict[str, User | Guest]:
    if isinstance(customer, User):
        return {"customer": customer}
    email = customer.email.lower()
    return {"guest": Guest.objects.create(email=email, name=customer.name, language=customer.language)}


def _offers(skus: Sequence[str], currency: str) -> Mapping[str, Offer]:
    found = offers(skus, currency)
    missing = [place for place, sku in enumerate(skus) if sku not in found]
    if missing:
        raise NotForSale(missing)
    return found


_LINES = """
INSERT INTO orders_orderline (order_id, sku, name, quantity, unit_price, shipped)
SELECT %s::uuid, sku, name, quantity, unit_price, 0
FROM unnest(%s::text[], %s::text[], %s::integer[], %s::integer[]) WITH ORDINALITY
    AS line (sku, name, quantity, unit_price, place)
ORDER BY place RETURNING id, sku, name, quantity, unit_price
"""


def _written(order_id: UUID, lines: Sequence[NewLine], found: Mapping[str, Offer]) -> list[OrderLine]:
    skus, names = [line.sku for line in lines], [found[line.sku].name for line in lines]
    quantities, amounts = [line.quantity for line in lines], [found[line.sku].amount for line in lines]
    with prepared() as cursor:
        cursor.execute(_LINES, [order_id, skus, names, quantities, amounts])
        return [
            OrderLine(id=key, order_id=order_id, sku=sku, name=name, quantity=quantity, unit_price=unit_price)
            for key, sku, name, quantity, unit_price in cursor.fetchall()
        ]
