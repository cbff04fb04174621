from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from payments import services
from payments.events import (
    AttemptOpened,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentCaptureFailed,
    PaymentDeclined,
    PaymentRefunded,
    PaymentVoided,
)
from payments.gateways import Result
from payments.models import Attempt, Operation, Outcome, Payment, Status, Wish
from payments.services import NewPayment, Refused
from shop.money import Money
from tests.conftest import Published

pytestmark = pytest.mark.django_db

CHARGE = "ch_1"
DONE = Result(done=True, charge=CHARGE)
REFUSED = Result(done=False, charge=CHARGE, code="card_declined")


def new_payment(order_id: UUID) -> NewPayment:
    return NewPayment(
        order_id=order_id, order_number="10001", customer_id=uuid4(), money=Money(2400, "EUR"), method="pm_card_visa"
    )


def open_payment() -> Payment:
    order_id = uuid4()
    services.open_payments(orders=[new_payment(order_id)])
    return Payment.objects.get(order_id=order_id)


def attempt_of(payment: Payment, operation: Operation) -> Attempt:
    return Attempt.objects.get(payment=payment, operation=operation)


def settle(payment: Payment, operation: Operation, result: Result = DONE) -> Payment:
    """The gateway is asked, and answers."""
    attempt = attempt_of(payment, operation)
    services.begin_calls(attempt_ids=[attempt.pk])
    services.settle_calls(results={attempt.pk: result})
    payment.refresh_from_db()
    return payment


def take(payment: Payment) -> None:
    services.take(order_ids=[payment.order_id])


def give_back(payment: Payment) -> None:
    services.give_back(order_ids=[payment.order_id])


def asked(payment: Payment) -> list[str]:
    attempts = Attempt.objects.filter(payment=payment).order_by("created_at", "pk")
    return list(attempts.values_list("operation", flat=True))


# --- Opening ------------------------------------------------------------------------------------------------


def test_opening_a_payment_asks_for_its_authorisation_once(published: Published) -> None:
    payment = open_payment()

    assert (payment.status, payment.wish, payment.busy) == (Status.PENDING, Wish.HOLD, True)
    attempt = attempt_of(payment, Operation.AUTHORISE)
    assert (attempt.outcome, attempt.key) == (Outcome.OPEN, f"{payment.order_id}:authorise")
    assert published == [AttemptOpened.of(attempt)]


def test_opening_a_payment_twice_opens_it_once(published: Published) -> None:
    order_id = uuid4()

    for _ in range(2):
        services.open_payments(orders=[new_payment(order_id), new_payment(order_id)])

    assert Payment.objects.count() == Attempt.objects.count() == 1
    assert len(published) == 1


def test_a_payment_closed_before_it_was_opened_is_never_asked_for(published: Published) -> None:
    order_id = uuid4()
    services.give_back(order_ids=[order_id])

    services.open_payments(orders=[new_payment(order_id)])
    services.take(order_ids=[order_id])

    assert Payment.objects.get().status == Status.CLOSED
    assert not Attempt.objects.exists()
    assert published == []


def test_taking_money_that_nobody_opened_makes_nothing(published: Published) -> None:
    services.take(order_ids=[uuid4()])

    assert not Payment.objects.exists()
    assert published == []


# --- Settling -----------------------------------------------------------------------------------------------


def test_an_authorised_payment_waits_for_the_order(published: Published) -> None:
    payment = settle(open_payment(), Operation.AUTHORISE)

    assert (payment.status, payment.charge, payment.busy) == (Status.AUTHORIZED, CHARGE, False)
    assert published.of(PaymentAuthorized) == [PaymentAuthorized.of(payment)]
    assert asked(payment) == ["authorise"]


def test_a_declined_payment_says_why_and_is_final(published: Published) -> None:
    payment = settle(open_payment(), Operation.AUTHORISE, REFUSED)
    give_back(payment)
    take(payment)

    payment.refresh_from_db()
    assert (payment.status, payment.decline_code) == (Status.DECLINED, "card_declined")
    assert [event.code for event in published.of(PaymentDeclined)] == ["card_declined"]
    assert asked(payment) == ["authorise"]


def test_a_confirmed_order_has_its_money_taken(published: Published) -> None:
    payment = settle(open_payment(), Operation.AUTHORISE)
    take(payment)
    take(payment)
    settle(payment, Operation.CAPTURE)

    assert payment.status == Status.CAPTURED
    assert published.of(PaymentCaptured) == [PaymentCaptured.of(payment)]
    assert asked(payment) == ["authorise", "capture"]


def test_a_cancelled_order_has_its_money_set_free(published: Published) -> None:
    payment = settle(open_payment(), Operation.AUTHORISE)
    give_back(payment)
    give_back(payment)
    settle(payment, Operation.VOID)

    assert payment.status == Status.VOIDED
    assert published.of(PaymentVoided) == [PaymentVoided.of(payment)]
    assert asked(payment) == ["authorise", "void"]


def test_money_that_was_taken_is_refunded_when_the_order_is_cancelled(published: Published) -> None:
    payment = settle(open_payment(), Operation.AUTHORISE)
    take(payment)
    settle(payment, Operation.CAPTURE)
    give_back(payment)
    settle(payment, Operation.REFUND)

    assert payment.status == Status.REFUNDED
    assert published.of(PaymentRefunded) == [PaymentRefunded.of_refund(payment.refunds.get())]
    assert asked(payment) == ["authorise", "capture", "refund"]


def test_a_capture_that_fails_is_told_and_what_is_held_is_set_free_on_cancellation(published: Published) -> None:
    payment = settle(open_payment(), Operation.AUTHORISE)
    take(payment)
    settle(payment, Operation.CAPTURE, REFUSED)
    assert payment.status == Status.CAPTURE_FAILED
    give_back(payment)
    settle(payment, Operation.VOID)

    assert payment.status == Status.VOIDED
    assert len(published.of(PaymentCaptureFailed)) == 1
    assert asked(payment) == ["authorise", "capture", "void"]


def test_an_order_cancelled_while_its_authorisation_is_under_way_is_voided_when_that_is_known() -> None:
    payment = open_payment()
    services.begin_calls(attempt_ids=[attempt_of(payment, Operation.AUTHORISE).pk])

    give_back(payment)
    assert asked(payment) == ["authorise"]
    settle(payment, Operation.AUTHORISE)

    assert asked(payment) == ["authorise", "void"]
    assert settle(payment, Operation.VOID).status == Status.VOIDED


def test_an_order_cancelled_while_its_capture_is_under_way_is_refunded_when_that_is_known() -> None:
    payment = settle(open_payment(), Operation.AUTHORISE)
    take(payment)
    services.begin_calls(attempt_ids=[attempt_of(payment, Operation.CAPTURE).pk])

    give_back(payment)
    assert asked(payment) == ["authorise", "capture"]
    settle(payment, Operation.CAPTURE)

    assert settle(payment, Operation.REFUND).status == Status.REFUNDED


def test_an_order_confirmed_while_its_authorisation_is_under_way_is_captured_when_that_is_known() -> None:
    payment = open_payment()

    take(payment)
    settle(payment, Operation.AUTHORISE)

    assert settle(payment, Operation.CAPTURE).status == Status.CAPTURED


@pytest.mark.parametrize("steps", [(take, give_back), (give_back, take)])
def test_confirmed_and_cancelled_in_either_order_means_nothing_is_taken(
    steps: tuple[Callable[[Payment], None], ...],
) -> None:
    payment = open_payment()

    for step in steps:
        step(payment)
    settle(payment, Operation.AUTHORISE)

    assert settle(payment, Operation.VOID).status == Status.VOIDED
    assert asked(payment) == ["authorise", "void"]


def test_an_outcome_that_is_told_twice_changes_the_payment_once(published: Published) -> None:
    payment = settle(open_payment(), Operation.AUTHORISE)

    settle(payment, Operation.AUTHORISE, REFUSED)

    assert payment.status == Status.AUTHORIZED
    assert len(published.of(PaymentAuthorized)) == 1
    assert published.of(PaymentDeclined) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("operation", [Operation.VOID, Operation.REFUND])
def test_a_gateway_that_will_not_give_back_is_an_error_and_not_an_outcome(operation: Operation) -> None:
    payment = settle(open_payment(), Operation.AUTHORISE)
    if operation == Operation.REFUND:
        take(payment)
        settle(payment, Operation.CAPTURE)
    give_back(payment)
    before = payment.status

    with pytest.raises(Refused, match="card_declined"):
        settle(payment, operation, REFUSED)

    payment.refresh_from_db()
    assert (payment.status, payment.busy) == (before, True)
    assert attempt_of(payment, operation).outcome == Outcome.SENT


# --- Calls --------------------------------------------------------------------------------------------------


def test_the_first_call_carries_the_money_and_the_key_and_asks_nothing_first() -> None:
    payment = open_payment()
    attempt = attempt_of(payment, Operation.AUTHORISE)

    (intent,) = services.begin_calls(attempt_ids=[attempt.pk])

    assert intent is not None
    assert not intent.ask_first
    assert intent.request.key == f"{payment.order_id}:authorise"
    assert (intent.request.amount, intent.request.method) == (Money(2400, "EUR"), "pm_card_visa")
    attempt.refresh_from_db()
    assert attempt.outcome == Outcome.SENT


def test_a_call_that_may_have_been_made_before_asks_first_by_the_same_key() -> None:
    attempt = attempt_of(open_payment(), Operation.AUTHORISE)

    (first,) = services.begin_calls(attempt_ids=[attempt.pk])
    (second,) = services.begin_calls(attempt_ids=[attempt.pk])

    assert first is not None
    assert second is not None
    assert second.ask_first
    assert second.request == first.request


def test_a_capture_names_the_charge_that_the_authorisation_made() -> None:
    payment = settle(open_payment(), Operation.AUTHORISE)
    take(payment)

    (intent,) = services.begin_calls(attempt_ids=[attempt_of(payment, Operation.CAPTURE).pk])

    assert intent is not None
    assert (intent.request.operation, intent.request.charge) == ("capture", CHARGE)


def test_an_attempt_that_is_settled_is_not_called_again() -> None:
    payment = settle(open_payment(), Operation.AUTHORISE)

    assert services.begin_calls(attempt_ids=[attempt_of(payment, Operation.AUTHORISE).pk]) == [None]


def test_late_answers_are_kept_as_evidence_and_change_nothing(published: Published) -> None:
    payment = settle(open_payment(), Operation.AUTHORISE)
    attempt = attempt_of(payment, Operation.AUTHORISE)

    services.keep_late_answer(attempt_id=attempt.pk, result=REFUSED)
    services.keep_late_answer(attempt_id=attempt.pk, result=DONE)

    attempt.refresh_from_db()
    payment.refresh_from_db()
    assert [(answer["done"], answer["code"]) for answer in attempt.late_answers] == [
        (False, "card_declined"),
        (True, ""),
    ]
    assert (attempt.outcome, payment.status) == (Outcome.SUCCEEDED, Status.AUTHORIZED)
    assert len(published.of(PaymentAuthorized, PaymentDeclined)) == 1
