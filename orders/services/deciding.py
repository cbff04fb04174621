"""Deciding about orders: what others told of them is noted, and they are confirmed or ended."""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from orders.models import Order, Party, PaymentStatus, Reason, Status, StockStatus
from orders.services.forgetting import forget_erased
from shop.states import bulk_save


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
    _change(orders, lambda order: order.cancel(orders[order.pk], Party.SYSTEM))


@transaction.atomic(savepoint=False)
def end_overdue(*, order_ids: Iterable[UUID]) -> None:
    """Cancel the orders that are neither confirmed nor cancelled by their deadline."""

    def end(order: Order) -> None:
        if order.status == Status.PLACED:
            order.cancel(_what_is_missing(order), Party.SYSTEM)

    _change(order_ids, end)


def _change(ids: Iterable[UUID], change: Callable[[Order], None]) -> None:
    orders = list(Order.objects.locked().filter(pk__in=list(ids)))
    for order in orders:
        change(order)
        _confirm_if_complete(order)
    forget_erased(orders)
    bulk_save(orders)


def _confirm_if_complete(order: Order) -> None:
    complete = order.stock_status == StockStatus.HELD and order.payment_status == PaymentStatus.AUTHORIZED
    if complete and order.may_become(Status.CONFIRMED):
        order.status = Status.CONFIRMED
        order.confirmed_at = timezone.now()


def _what_is_missing(order: Order) -> Reason:
    return Reason.STOCK_TIMEOUT if order.stock_status != StockStatus.HELD else Reason.PAYMENT_TIMEOUT
