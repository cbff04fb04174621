"""Asking the gateway: what is sent, and what comes of its answers."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from payments.gateways import Request, Result
from payments.models import SETTLED, Attempt, Operation, Outcome, Payment, RefundStatus, Status
from payments.services.moving import save_and_go_on
from shop.clock import shop_now
from shop.money import Money
from shop.states import bulk_save


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """A request to the gateway; with `ask_first` it may have been sent before, and its answer was lost."""

    attempt_id: UUID
    request: Request
    ask_first: bool


class Refused(RuntimeError):
    """The gateway does not give back what it holds or took; somebody has to look at it."""


@transaction.atomic(savepoint=False)
def begin_calls(*, attempt_ids: Sequence[UUID]) -> list[Intent | None]:
    """Note that these attempts are sent now, one intent for each; None for one that is settled already."""
    found = Attempt.objects.locked().select_related("payment", "refund").filter(pk__in=attempt_ids)
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
    asked = Attempt.objects.locked().select_related("refund").filter(pk__in=list(results))
    attempts = list(asked.exclude(outcome__in=SETTLED))
    for attempt in attempts:
        attempt.payment = payments[attempt.payment_id]
        _settle(attempt, results[attempt.pk])
    bulk_save(attempts)
    bulk_save([attempt.refund for attempt in attempts if attempt.refund])
    save_and_go_on(list(payments.values()))


@transaction.atomic(savepoint=False)
def keep_late_answer(*, attempt_id: UUID, result: Result) -> None:
    """Keep as evidence what the gateway said after somebody else had taken over."""
    attempt = Attempt.objects.locked().get(pk=attempt_id)
    attempt.late_answers = [
        *attempt.late_answers,
        {"at": timezone.now().isoformat(), **msgspec.to_builtins(result)},
    ]
    attempt.save()


def _intent(attempt: Attempt) -> Intent | None:
    if attempt.outcome in SETTLED:
        return None
    payment = attempt.payment
    request = Request(
        key=attempt.key,
        operation=attempt.operation,
        amount=Money(attempt.amount, payment.currency),
        method=payment.method,
        charge=payment.charge,
    )
    return Intent(attempt_id=attempt.pk, request=request, ask_first=attempt.outcome == Outcome.SENT)


def _settle(attempt: Attempt, result: Result) -> None:
    operation, payment = Operation(attempt.operation), attempt.payment
    payment.charge = result.charge
    payment.busy = False
    if result.action_url:
        attempt.outcome = Outcome.WAITING
        _ask_customer(payment, result)
    elif result.done:
        attempt.outcome = Outcome.SUCCEEDED
        _DONE[operation](attempt)
    elif operation in _REFUSED:
        attempt.outcome = Outcome.FAILED
        payment.status = _REFUSED[operation]
        payment.decline_code = result.code
    else:
        raise Refused(f"{attempt}: {result.code}")
    attempt.code = result.code
    attempt.settled_at = timezone.now()


def _ask_customer(payment: Payment, result: Result) -> None:
    if payment.status == Status.PENDING:
        payment.status = Status.ACTION_REQUIRED
        payment.action_url = result.action_url
        payment.action_until = shop_now() + settings.PAYMENT_ACTION_TIME


def _held(attempt: Attempt) -> None:
    attempt.payment.status = Status.AUTHORIZED


def _taken(attempt: Attempt) -> None:
    attempt.payment.status = Status.CAPTURED
    attempt.payment.captured = attempt.amount


def _set_free(attempt: Attempt) -> None:
    attempt.payment.status = Status.VOIDED


def _given_back(attempt: Attempt) -> None:
    refund, payment = attempt.refund, attempt.payment
    if refund is None:
        raise TypeError(f"{attempt} refunds nothing")
    refund.status = RefundStatus.SUCCEEDED
    refund.succeeded_at = timezone.now()
    refund.payment = payment
    payment.refunded += refund.amount
    if not payment.kept:
        payment.status = Status.REFUNDED


_DONE: Mapping[Operation, Callable[[Attempt], None]] = {
    Operation.AUTHORISE: _held,
    Operation.LOOK: _held,
    Operation.CAPTURE: _taken,
    Operation.VOID: _set_free,
    Operation.REFUND: _given_back,
}

_REFUSED = {
    Operation.AUTHORISE: Status.DECLINED,
    Operation.LOOK: Status.DECLINED,
    Operation.CAPTURE: Status.CAPTURE_FAILED,
}
