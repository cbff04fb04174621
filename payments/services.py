"""What can be done with payments. Payments are always locked before their attempts."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from payments.gateways import Request, Result
from payments.models import Attempt, Operation, Outcome, Payment, Status, Wish
from shop.money import Money
from shop.states import bulk_save


class NewPayment(msgspec.Struct, frozen=True, kw_only=True):
    """The money that an order needs."""

    order_id: UUID
    order_number: str
    customer_id: UUID
    money: Money
    method: str


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """A request to the gateway; with `ask_first` it may have been sent before, and its answer was lost."""

    attempt_id: UUID
    request: Request
    ask_first: bool


class Refused(RuntimeError):
    """The gateway does not give back what it holds or took; somebody has to look at it."""


_NEXT = {
    (Status.PENDING, Wish.HOLD): Operation.AUTHORISE,
    (Status.AUTHORIZED, Wish.TAKE): Operation.CAPTURE,
    (Status.AUTHORIZED, Wish.GIVE_BACK): Operation.VOID,
    (Status.CAPTURE_FAILED, Wish.GIVE_BACK): Operation.VOID,
    (Status.CAPTURED, Wish.GIVE_BACK): Operation.REFUND,
}
"""What is asked of the gateway next, by where the money is and what is wished."""

_DONE = {
    Operation.AUTHORISE: Status.AUTHORIZED,
    Operation.CAPTURE: Status.CAPTURED,
    Operation.VOID: Status.VOIDED,
    Operation.REFUND: Status.REFUNDED,
}

_REFUSED = {Operation.AUTHORISE: Status.DECLINED, Operation.CAPTURE: Status.CAPTURE_FAILED}


@transaction.atomic(savepoint=False)
def open_payments(*, orders: Sequence[NewPayment]) -> None:
    """Ask for the money of new orders. An order that was heard of before is left as it is."""
    known = set(_payments(order.order_id for order in orders))
    fresh = {order.order_id: order for order in orders if order.order_id not in known}
    _save_and_go_on(
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
    payments = list(_payments(order_ids).values())
    for payment in payments:
        if payment.wish == Wish.HOLD:
            payment.wish = Wish.TAKE
    _save_and_go_on(payments)


@transaction.atomic(savepoint=False)
def give_back(*, order_ids: Sequence[UUID]) -> None:
    """These orders ended: void or refund what was held or taken. Who opens a payment for them later finds it closed."""
    payments = _payments(order_ids)
    for payment in payments.values():
        payment.wish = Wish.GIVE_BACK
    closed = [
        Payment(order_id=order_id, status=Status.CLOSED, wish=Wish.GIVE_BACK)
        for order_id in dict.fromkeys(order_ids)
        if order_id not in payments
    ]
    _save_and_go_on([*payments.values(), *closed])


@transaction.atomic(savepoint=False)
def begin_calls(*, attempt_ids: Sequence[UUID]) -> list[Intent | None]:
    """Note that these attempts are sent now, one intent for each; None for one that is settled already."""
    found = Attempt.objects.locked().select_related("payment").filter(pk__in=attempt_ids)
    attempts = {attempt.pk: attempt for attempt in found}
    intents = [_intent(attempts[attempt_id]) for attempt_id in attempt_ids]
    for attempt in attempts.values():
        if attempt.outcome == Outcome.OPEN:
            attempt.outcome = Outcome.SENT
    bulk_save(list(attempts.values()))
    return intents


@transaction.atomic(savepoint=False)
def settle_calls(*, results: Mapping[UUID, Result]) -> None:
    """Write down what the gateway did, and go on with what is wished next.

    Raises `Refused` when it will not give back.
    """
    of_attempts = Payment.objects.filter(attempts__in=list(results))
    payments = {payment.pk: payment for payment in Payment.objects.locked().filter(pk__in=of_attempts)}
    attempts = list(Attempt.objects.locked().filter(pk__in=list(results)).exclude(outcome__in=_SETTLED))
    for attempt in attempts:
        _settle(attempt, payments[attempt.payment_id], results[attempt.pk])
    bulk_save(attempts)
    _save_and_go_on(list(payments.values()))


@transaction.atomic(savepoint=False)
def keep_late_answer(*, attempt_id: UUID, result: Result) -> None:
    """Keep as evidence what the gateway said after somebody else had taken over."""
    attempt = Attempt.objects.locked().get(pk=attempt_id)
    attempt.late_answers = [
        *attempt.late_answers,
        {"at": timezone.now().isoformat(), **msgspec.to_builtins(result)},
    ]
    attempt.save()


@transaction.atomic(savepoint=False)
def forget(*, customer_ids: Sequence[UUID]) -> None:
    """Forget what erased customers paid with, once nothing will be asked of the gateway with it any more."""
    payments = list(Payment.objects.locked().filter(customer_id__in=customer_ids).exclude(status=Status.PENDING))
    for payment in payments:
        payment.method = ""
    bulk_save(payments)


_SETTLED = (Outcome.SUCCEEDED, Outcome.FAILED)


def _settle(attempt: Attempt, payment: Payment, result: Result) -> None:
    operation = Operation(attempt.operation)
    if not result.done and operation not in _REFUSED:
        raise Refused(f"{attempt}: {result.code}")
    attempt.outcome = Outcome.SUCCEEDED if result.done else Outcome.FAILED
    attempt.code = result.code
    attempt.settled_at = timezone.now()
    payment.status = _DONE[operation] if result.done else _REFUSED[operation]
    payment.charge = result.charge
    payment.decline_code = result.code
    payment.busy = False


def _intent(attempt: Attempt) -> Intent | None:
    if attempt.outcome in _SETTLED:
        return None
    request = Request(
        key=attempt.key,
        operation=attempt.operation,
        amount=attempt.payment.money,
        method=attempt.payment.method,
        charge=attempt.payment.charge,
    )
    return Intent(attempt_id=attempt.pk, request=request, ask_first=attempt.outcome == Outcome.SENT)


def _save_and_go_on(payments: Sequence[Payment]) -> None:
    """Save payments, and open the next attempt for each whose money is not yet where it is wished."""
    attempts: list[Attempt] = []
    for payment in payments:
        operation = _NEXT.get((Status(payment.status), Wish(payment.wish)))
        if operation and not payment.busy:
            payment.busy = True
            key = f"{payment.order_id}:{operation}"
            attempts.append(Attempt(payment=payment, operation=operation, key=key))
    bulk_save(payments)
    bulk_save(attempts)


def _payments(order_ids: Iterable[UUID]) -> dict[UUID, Payment]:
    found = Payment.objects.locked().filter(order_id__in=list(order_ids))
    return {payment.order_id: payment for payment in found}
