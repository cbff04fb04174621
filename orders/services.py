"""What can be done with orders. The order is the only one that decides about the order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from orders.models import Order, OrderLine, PaymentStatus, Reason, Status, StockStatus
from shop.catalogue.models import Price
from shop.states import bulk_save
from shop.users.models import User


class NewLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer wants of one SKU."""

    sku: str
    quantity: int


class NotForSale(LookupError):
    """Some SKUs are unknown, no longer sold, or have no price in this currency; `places` says which lines."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__(NotForSale.__doc__)
        self.places = places


@transaction.atomic(savepoint=False)
def place_order(
    *,
    customer: User,
    lines: Sequence[NewLine],
    currency: str,
    shipping_address: Mapping[str, Any],
    payment_method: str,
    external_reference: str = "",
) -> Order:
    """Write down what a customer has committed to, at the prices of this moment.

    The order is written after its lines, so that its news carries them; the foreign key is checked at the commit.
    Raises `NotForSale`.
    """
    prices = _prices([line.sku for line in lines], currency)
    order = Order(
        customer=customer,
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
            name=prices[line.sku].product.name,
            quantity=line.quantity,
            unit_price=prices[line.sku].amount,
        )
        for line in lines
    )
    order.remember_lines(written)
    order.save()
    return order


@transaction.atomic(savepoint=False)
def note_stock(*, news: Mapping[UUID, StockStatus]) -> None:
    """Keep what inventory told of some orders, and confirm those that are paid for too."""

    def note(order: Order) -> None:
        if order.stock_status != StockStatus.RELEASED:
            order.stock_status = news[order.pk]

    _change(news, note)


@transaction.atomic(savepoint=False)
def note_payment(*, news: Mapping[UUID, PaymentStatus]) -> None:
    """Keep what payments told of some orders, and confirm those whose stock is held too.

    News may come twice and out of order: what is later in the life of a payment stands.
    """
    life = list(PaymentStatus)

    def note(order: Order) -> None:
        if life.index(news[order.pk]) > life.index(PaymentStatus(order.payment_status)):
            order.payment_status = news[order.pk]

    _change(news, note)


@transaction.atomic(savepoint=False)
def cancel(*, orders: Mapping[UUID, Reason]) -> None:
    """Cancel the orders that may still be; for the others it is too late, and nothing happens."""
    _change(orders, lambda order: _end(order, orders[order.pk]))


@transaction.atomic(savepoint=False)
def end_overdue(*, order_ids: Iterable[UUID]) -> None:
    """Cancel the orders that are neither confirmed nor cancelled by their deadline."""

    def end(order: Order) -> None:
        if order.status == Status.PLACED:
            _end(order, _what_is_missing(order))

    _change(order_ids, end)


def _change(ids: Iterable[UUID], change: Callable[[Order], None]) -> None:
    orders = list(Order.objects.locked().filter(pk__in=list(ids)))
    for order in orders:
        change(order)
        _confirm_if_complete(order)
    bulk_save(orders)


def _end(order: Order, reason: Reason) -> None:
    if order.may_become(Status.CANCELLED):
        order.status = Status.CANCELLED
        order.cancellation_reason = reason
        order.cancelled_at = timezone.now()


def _confirm_if_complete(order: Order) -> None:
    complete = order.stock_status == StockStatus.HELD and order.payment_status == PaymentStatus.AUTHORIZED
    if complete and order.may_become(Status.CONFIRMED):
        order.status = Status.CONFIRMED
        order.confirmed_at = timezone.now()


def _what_is_missing(order: Order) -> Reason:
    return Reason.STOCK_TIMEOUT if order.stock_status != StockStatus.HELD else Reason.PAYMENT_TIMEOUT


def _prices(skus: Sequence[str], currency: str) -> dict[str, Price]:
    found = Price.objects.select_related("product").filter(
        product__sku__in=skus, product__active=True, currency=currency
    )
    prices = {price.product.sku: price for price in found}
    missing = [place for place, sku in enumerate(skus) if sku not in prices]
    if missing:
        raise NotForSale(missing)
    return prices
