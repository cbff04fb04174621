from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from payments import services
from payments.models import Attempt, Operation, Payment, Status, Wish
from payments.services import _DONE, _NEXT, _REFUSED
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
        ("amount = -1", "amount_check"),
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
        Wish.GIVE_BACK: {Status.DECLINED},
    }
    over = {Status.VOIDED, Status.REFUNDED, Status.CLOSED}
    waiting = {Status.PENDING} if wish != Wish.HOLD else set()  # for the authorisation that is under way

    operation = _NEXT.get((status, wish))

    if operation is None:
        assert status in satisfied[wish] | over | waiting
    else:
        assert status not in satisfied[wish] | over
        assert _DONE[operation] != status
        assert _REFUSED.get(operation) != status
