"""Placing an order: what a customer has committed to, at the prices of this moment."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.db import transaction

from orders.models import Order, OrderLine
from shop.catalogue.models import Price
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
    prices = _prices([line.sku for line in lines], currency)
    order = Order(
        **_buyer(customer),
        currency=currency,
        total=sum(prices[line.sku].amount * line.quantity for line in lines),
        shipping_address=dict(shipping_address),
        payment_method=payment_method,
        external_reference=external_reference,
    )
    written = OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            sku=line.sku,
            name=prices[line.sku].variant.title,
            quantity=line.quantity,
            unit_price=prices[line.sku].amount,
        )
        for line in lines
    )
    order.remember_lines(written)
    order.save()
    return order


def _buyer(customer: User | NewGuest) -> dict[str, User | Guest]:
    if isinstance(customer, User):
        return {"customer": customer}
    email = customer.email.lower()
    return {"guest": Guest.objects.create(email=email, name=customer.name, language=customer.language)}


def _prices(skus: Sequence[str], currency: str) -> dict[str, Price]:
    found = Price.objects.filter(variant__sku__in=skus, variant__product__active=True, currency=currency)
    told = found.select_related("variant__product").only(
        "amount", "variant__sku", "variant__options", "variant__product__name"
    )
    prices = {price.variant.sku: price for price in told}
    missing = [place for place, sku in enumerate(skus) if sku not in prices]
    if missing:
        raise NotForSale(missing)
    return prices
