"""Bringing money from where it is to where it is wished, one attempt after the other."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from payments.models import SETTLED, Attempt, Operation, Payment, Refund, RefundStatus, Status, Wish
from shop.locking import locked
from shop.states import bulk_save

NEXT = {
    (Status.PENDING, Wish.HOLD): Operation.AUTHORISE,
    (Status.AUTHORIZED, Wish.TAKE): Operation.CAPTURE,
    (Status.ACTION_REQUIRED, Wish.GIVE_BACK): Operation.VOID,
    (Status.AUTHORIZED, Wish.GIVE_BACK): Operation.VOID,
    (Status.CAPTURE_FAILED, Wish.GIVE_BACK): Operation.VOID,
}
"""What is asked of the gateway next, by where the money is and what is wished; what was taken goes back by refunds."""

_CANCELLED = "The order was cancelled."


def payments_of(order_ids: Iterable[UUID]) -> dict[UUID, Payment]:
    """The payments of these orders, locked."""
    return {payment.order_id: payment for payment in locked(Payment, "order_id", order_ids)}


def save_and_go_on(payments: Sequence[Payment]) -> None:
    """Save locked payments, and open the next attempt for each whose money is not yet where it is wished."""
    refunds = _refunds(payments)
    attempts: list[Attempt] = []
    for payment in payments:
        if not payment.busy and (attempt := _next_attempt(payment, refunds.get(payment.pk))):
            payment.busy = True
            attempts.append(attempt)
    bulk_save(payments)
    bulk_save([refund for refund in refunds.values() if refund._state.adding])  # noqa: SLF001 - as Django documents it
    bulk_save(attempts)


@transaction.atomic(savepoint=False)
def go_on(*, payment_id: UUID) -> Payment:
    """Have a payment move that rests where it should not: open what is asked next, unless an answer is waited for."""
    payment = Payment.objects.locked().get(pk=payment_id)
    payment.busy = payment.attempts.exclude(outcome__in=SETTLED).exists()
    save_and_go_on([payment])
    return payment


def _next_attempt(payment: Payment, refund: Refund | None) -> Attempt | None:
    if refund:
        key = f"{payment.order_id}:refund:{refund.pk}"
        return Attempt(payment=payment, refund=refund, operation=Operation.REFUND, key=key)
    operation = NEXT.get((Status(payment.status), Wish(payment.wish)))
    if operation is None:
        return None
    return Attempt(payment=payment, operation=operation, key=f"{payment.order_id}:{operation}")


def _refunds(payments: Sequence[Payment]) -> dict[UUID, Refund]:
    """What is to be given back next of each payment that was taken: what was asked for, and at last all the rest."""
    taken = {payment.pk: payment for payment in payments if payment.status == Status.CAPTURED and not payment.busy}
    if not taken:
        return {}
    waiting = Refund.objects.locked().filter(payment__in=taken, status=RefundStatus.PENDING)
    refunds = {refund.payment_id: refund for refund in reversed(waiting)}
    for payment in taken.values():
        if payment.wish == Wish.GIVE_BACK and payment.kept and payment.pk not in refunds:
            refunds[payment.pk] = Refund(payment=payment, amount=payment.kept, reason=_CANCELLED)
    return refunds
