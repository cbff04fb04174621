"""Deciding about orders: what others told of them is noted, and they are confirmed or ended."""

from collections.abc import Callable, Collection, Iterable, Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from orders.models import Order, Party, PaymentStatus, Reason, Status, StockStatus
from orders.services.forgetting import forget_erased
from shop.bus import Unavailable
from shop.bus.reading import held_up
from shop.locking import locked
from shop.states import bulk_save

_UNPAID = (PaymentStatus.PENDING, PaymentStatus.ACTION_REQUIRED)


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
def end_overdue(*, order_ids: Collection[UUID], even_if_customer_acts: bool = False) -> None:
    """Cancel the orders that are neither confirmed nor cancelled by their deadline.

    Who is to act at the bank has longer, unless that is over as well. While the gateway is away orders wait for it,
    as long as their stock is held: then this raises `Unavailable`.
    """

    def end(order: Order) -> None:
        if order.status == Status.PLACED and (even_if_customer_acts or not _waits_for_customer(order)):
            order.cancel(_what_is_missing(order), Party.SYSTEM)

    _wait_for_gateway(order_ids)
    _change(order_ids, end)


def _change(ids: Iterable[UUID], change: Callable[[Order], None]) -> None:
    orders = locked(Order, "id", ids)
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


def _wait_for_gateway(ids: Collection[UUID]) -> None:
    unpaid = Order.objects.filter(pk__in=ids, status=Status.PLACED, payment_status__in=_UNPAID)
    waiting = held_up([str(order_id) for order_id in unpaid.values_list("pk", flat=True)], dependency="gateway")
    if waiting:
        raise Unavailable(f"the gateway is away, and {len(waiting)} overdue orders wait for it", retry_after=60)


def _waits_for_customer(order: Order) -> bool:
    return order.payment_status == PaymentStatus.ACTION_REQUIRED


def _what_is_missing(order: Order) -> Reason:
    return Reason.STOCK_TIMEOUT if order.stock_status != StockStatus.HELD else Reason.PAYMENT_TIMEOUT
