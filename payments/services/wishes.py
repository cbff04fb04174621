"""What orders wish of their money."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from django.db import transaction

from payments.models import Payment, Status, Wish
from payments.services.moving import payments_of, save_and_go_on
from shop.money import Money


class NewPayment(msgspec.Struct, frozen=True, kw_only=True):
    """The money that an order needs."""

    order_id: UUID
    order_number: str
    customer_id: UUID
    money: Money
    method: str


@transaction.atomic(savepoint=False)
def open_payments(*, orders: Sequence[NewPayment]) -> None:
    """Ask for the money of new orders. An order that was heard of before is left as it is."""
    known = set(payments_of(order.order_id for order in orders))
    fresh = {order.order_id: order for order in orders if order.order_id not in known}
    save_and_go_on(
        [
            Payment(
                order_id=order.order_id,
                order_number=order.order_number,
                customer_id=order.customer_id,
                amount=order.money.amount,
                currency=order.money.currency,
                method=order.method,
            )
            for order in fresh.values()
        ]
    )


@transaction.atomic(savepoint=False)
def take(*, order_ids: Iterable[UUID]) -> None:
    """These orders will be delivered: take their money, unless it is to be given back already."""
    payments = list(payments_of(order_ids).values())
    for payment in payments:
        if payment.wish == Wish.HOLD:
            payment.wish = Wish.TAKE
    save_and_go_on(payments)


@transaction.atomic(savepoint=False)
def give_back(*, order_ids: Sequence[UUID]) -> None:
    """These orders ended: void or refund what was held or taken. Who opens a payment for them later finds it closed."""
    payments = payments_of(order_ids)
    for payment in payments.values():
        payment.wish = Wish.GIVE_BACK
    closed = [
        Payment(order_id=order_id, status=Status.CLOSED, wish=Wish.GIVE_BACK)
        for order_id in dict.fromkeys(order_ids)
        if order_id not in payments
    ]
    save_and_go_on([*payments.values(), *closed])
