"""Giving money back that was taken, for a reason."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Sum

from payments.models import Payment, Refund, RefundStatus, Status, Wish
from payments.services.moving import payments_of, save_and_go_on
from shop.states import bulk_save
from shop.users.models import User


class NewReturn(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that came back, and what is given back for them in minor units."""

    return_id: UUID
    order_id: UUID
    amount: int


class NotRefundable(RuntimeError):
    """So much cannot be given back; `refundable` says how much can, in minor units."""

    def __init__(self, payment: Payment, refundable: int) -> None:
        super().__init__(NotRefundable.__doc__)
        self.payment = payment
        self.refundable = refundable


class NotTaken(RuntimeError):
    """Goods came back of an order whose money was never taken."""


@transaction.atomic(savepoint=False)
def refund(*, payment_id: UUID, reason: str, by: User, amount: int | None = None) -> Refund:
    """Give back so many minor units of a payment, or all that is left of it; the gateway is asked by events.

    Raises `NotRefundable`.
    """
    payment = Payment.objects.locked().get(pk=payment_id)
    most = refundable(payment)
    wanted = most if amount is None else amount
    if not 0 < wanted <= most:
        raise NotRefundable(payment, most)
    made = Refund(payment=payment, amount=wanted, reason=reason, requested_by=by)
    made.save()
    save_and_go_on([payment])
    return made


@transaction.atomic(savepoint=False)
def refund_returns(*, returns: Sequence[NewReturn]) -> None:
    """Give back the money for goods that came back, once per return, as far as it was not given back before.

    Raises `NotTaken`: goods leave only after their money was taken.
    """
    payments = payments_of(each.order_id for each in returns)
    known = set(Refund.objects.filter(return_id__in=[each.return_id for each in returns]).values_list("return_id"))
    for each in {each.return_id: each for each in returns if (each.return_id,) not in known}.values():
        payment = payments.get(each.order_id)
        if payment is None or payment.status not in {Status.CAPTURED, Status.REFUNDED}:
            raise NotTaken(f"order {each.order_id}: {NotTaken.__doc__}")
        if amount := min(each.amount, refundable(payment)):
            reason = "Goods came back."
            bulk_save([Refund(payment=payment, amount=amount, reason=reason, return_id=each.return_id)])
    save_and_go_on(list(payments.values()))


def refundable(payment: Payment) -> int:
    """How many minor units can still be given back; what is on its way back already is not among them."""
    if payment.status != Status.CAPTURED or payment.wish == Wish.GIVE_BACK:
        return 0
    pending = Refund.objects.filter(payment=payment, status=RefundStatus.PENDING).aggregate(sum=Sum("amount"))["sum"]
    return payment.kept - (pending or 0)
