from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from payments import services
from payments.models import Attempt, Operation, Payment, Status, Wish
from payments.services.moving import NEXT
from tests.payments.test_services import new_payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment() -> Payment:
    services.open_payments(orders=[new_payment(uuid4())])
    return Payment.objects.get()


def test_a_payment_shows_its_money_and_where_it_is(payment: Payment) -> None:
    assert str(payment) == "24.00 EUR for order 10001: pending"


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("status = 'authorized'", "payment_moved_has_its_charge"),
        ("status = 'captured'", "payment_moved_has_its_charge"),
        ("status = 'voided'", "payment_moved_has_its_charge"),
        ("status = 'refunded'", "payment_moved_has_its_charge"),
        ("customer_id = NULL", "payment_has_its_customer"),
        ("amount = -1", "amount_check|payment_never_takes_more"),
        ("status = 'captured', charge = 'ch_1'", "payment_taken_has_its_sum"),
        ("captured = 2401", "payment_never_takes_more"),
        ("captured = 2400, refunded = 2401", "payment_never_gives_back_more"),
        ("status = 'action_required', charge = 'ch_1'", "payment_action_says_where_and_until_when"),
        ("order_id = NULL", "null value"),
    ],
)
def test_the_database_refuses_a_payment_that_contradicts_itself(change: str, guard: str, payment: Payment) -> None:
    with pytest.raises(IntegrityError, match=guard), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE payments_payment SET {change}")


def test_the_database_knows_one_payment_per_order(payment: Payment) -> None:
    with pytest.raises(IntegrityError, match="order_id"), transaction.atomic():
        Payment(order_id=payment.order_id, status=Status.CLOSED).save()


def test_the_database_refuses_to_ask_for_the_same_twice_under_another_key(payment: Payment) -> None:
    with pytest.raises(IntegrityError, match="payment_operation_once"), transaction.atomic():
        Attempt(payment=payment, operation=Operation.AUTHORISE, key="another").save()


def test_the_database_refuses_a_key_that_was_used_for_something_else(payment: Payment) -> None:
    key = Attempt.objects.get().key

    with pytest.raises(IntegrityError, match="key"), transaction.atomic():
        Attempt(payment=payment, operation=Operation.CAPTURE, key=key).save()


def test_a_payment_with_attempts_cannot_be_deleted(payment: Payment) -> None:
    with pytest.raises(ProtectedError):
        payment.delete()


@pytest.mark.parametrize("wish", list(Wish))
@pytest.mark.parametrize("status", list(Status))
def test_wherever_the_money_is_what_is_asked_next_brings_it_nearer_to_the_wish(status: Status, wish: Wish) -> None:
    satisfied = {
        Wish.HOLD: {Status.AUTHORIZED, Status.CAPTURED, Status.DECLINED, Status.CAPTURE_FAILED},
        Wish.TAKE: {Status.CAPTURED, Status.DECLINED, Status.CAPTURE_FAILED},
        Wish.GIVE_BACK: {Status.DECLINED, Status.CAPTURED},  # what was taken goes back by a refund
    }
    over = {Status.VOIDED, Status.REFUNDED, Status.CLOSED}
    waiting = {Status.PENDING} if wish != Wish.HOLD else set()  # for the authorisation that is under way
    waiting |= {Status.ACTION_REQUIRED} if wish != Wish.GIVE_BACK else set()  # for the customer

    asked = NEXT.get((status, wish)) is not None

    assert asked != (status in satisfied[wish] | over | waiting)
