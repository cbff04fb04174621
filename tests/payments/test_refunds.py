"""Giving money back in parts, and looking whether a customer has acted."""

from uuid import uuid4

import pytest

from payments import services
from payments.events import PaymentActionRequired, PaymentRefunded
from payments.gateways import Result
from payments.models import Attempt, Operation, Payment, Refund, RefundStatus, Status
from payments.services import NewReturn, NothingToDo, NotRefundable
from payments.services.refunds import NotTaken
from shop.money import Money
from shop.users.models import User
from tests.conftest import Published
from tests.payments.test_services import CHARGE, DONE, REFUSED, asked, give_back, open_payment, settle, take

pytestmark = pytest.mark.django_db(transaction=True)

WAITS = Result(done=False, charge=CHARGE, code="action_required", action_url="https://bank.example/1")


@pytest.fixture
def carla(db: None) -> User:
    return User.objects.create_user("carla@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def payment(db: None) -> Payment:
    """24.00 EUR that were taken."""
    payment = settle(open_payment(), Operation.AUTHORISE)
    take(payment)
    return settle(payment, Operation.CAPTURE)


def settle_refund(payment: Payment, result: Result = DONE) -> Payment:
    attempt = Attempt.objects.get(payment=payment, operation=Operation.REFUND, settled_at=None)
    services.begin_calls(attempt_ids=[attempt.pk])
    services.settle_calls(results={attempt.pk: result})
    payment.refresh_from_db()
    return payment


# --- By staff -----------------------------------------------------------------------------------------------


def test_a_part_is_given_back_and_told_with_how_much(payment: Payment, carla: User, published: Published) -> None:
    made = services.refund(payment_id=payment.pk, amount=500, reason="Late", by=carla)
    settle_refund(payment)

    made.refresh_from_db()
    assert (payment.status, payment.captured, payment.refunded) == (Status.CAPTURED, 2400, 500)
    assert (made.status, made.requested_by) == (RefundStatus.SUCCEEDED, carla)
    (told,) = published.of(PaymentRefunded)
    assert (told.refund_id, told.refunded, told.complete) == (made.pk, Money(500, "EUR"), False)


def test_parts_are_given_back_one_after_the_other_until_nothing_is_left(
    payment: Payment, carla: User, published: Published
) -> None:
    for amount in (500, 900):
        services.refund(payment_id=payment.pk, amount=amount, reason="Late", by=carla)
    services.refund(payment_id=payment.pk, reason="All of it", by=carla)
    assert asked(payment).count("refund") == 1

    for _ in range(3):
        settle_refund(payment)

    assert (payment.status, payment.refunded) == (Status.REFUNDED, 2400)
    told = published.of(PaymentRefunded)
    assert [(each.refunded, each.complete) for each in told] == [
        (Money(500, "EUR"), False),
        (Money(900, "EUR"), False),
        (Money(1000, "EUR"), True),
    ]


@pytest.mark.parametrize("amount", [0, -1, 2401, 10**15])
def test_no_more_than_was_taken_is_given_back(amount: int, payment: Payment, carla: User) -> None:
    with pytest.raises(NotRefundable) as refused:
        services.refund(payment_id=payment.pk, amount=amount, reason="Greed", by=carla)

    assert refused.value.refundable == 2400
    assert not Refund.objects.exists()


def test_what_is_on_its_way_back_is_not_given_back_again(payment: Payment, carla: User) -> None:
    services.refund(payment_id=payment.pk, amount=2000, reason="Late", by=carla)

    with pytest.raises(NotRefundable) as refused:
        services.refund(payment_id=payment.pk, amount=401, reason="Late", by=carla)

    assert refused.value.refundable == 400


def test_what_was_not_taken_is_not_given_back(carla: User) -> None:
    held = settle(open_payment(), Operation.AUTHORISE)

    with pytest.raises(NotRefundable) as refused:
        services.refund(payment_id=held.pk, reason="Late", by=carla)

    assert refused.value.refundable == 0


def test_a_cancelled_order_has_back_what_was_not_given_back_yet(payment: Payment, carla: User) -> None:
    services.refund(payment_id=payment.pk, amount=500, reason="Late", by=carla)
    give_back(payment)
    give_back(payment)

    settle_refund(payment)
    settle_refund(payment)

    assert payment.status == Status.REFUNDED
    assert [refund.amount for refund in Refund.objects.order_by("pk")] == [500, 1900]


# --- For goods that came back -------------------------------------------------------------------------------


def test_goods_that_came_back_are_paid_back_once_however_often_that_is_heard(payment: Payment) -> None:
    back = NewReturn(return_id=uuid4(), order_id=payment.order_id, amount=1200)

    for _ in range(3):
        services.refund_returns(returns=[back, back])
    settle_refund(payment)

    assert (payment.status, payment.refunded) == (Status.CAPTURED, 1200)
    assert Refund.objects.get().return_id == back.return_id


def test_goods_that_were_paid_back_before_are_paid_back_for_the_rest_only(payment: Payment, carla: User) -> None:
    services.refund(payment_id=payment.pk, amount=2000, reason="Late", by=carla)
    services.refund_returns(returns=[NewReturn(return_id=uuid4(), order_id=payment.order_id, amount=2400)])
    services.refund_returns(returns=[NewReturn(return_id=uuid4(), order_id=payment.order_id, amount=2400)])

    for _ in range(2):
        settle_refund(payment)

    assert payment.status == Status.REFUNDED
    assert [refund.amount for refund in Refund.objects.order_by("pk")] == [2000, 400]


def test_goods_for_which_nothing_is_given_back_move_no_money(payment: Payment) -> None:
    services.refund_returns(returns=[NewReturn(return_id=uuid4(), order_id=payment.order_id, amount=0)])

    assert not Refund.objects.exists()


def test_goods_of_an_order_that_nobody_paid_for_are_an_error() -> None:
    held = settle(open_payment(), Operation.AUTHORISE)

    with pytest.raises(NotTaken):
        services.refund_returns(returns=[NewReturn(return_id=uuid4(), order_id=held.order_id, amount=1)])


# --- When the customer has to act ---------------------------------------------------------------------------


def test_a_customer_who_has_to_act_is_told_where_and_until_when(published: Published) -> None:
    waiting = settle(open_payment(), Operation.AUTHORISE, WAITS)

    assert (waiting.status, waiting.action_url, waiting.busy) == (
        Status.ACTION_REQUIRED,
        "https://bank.example/1",
        False,
    )
    (told,) = published.of(PaymentActionRequired)
    assert told.expires_at == waiting.action_until
    assert "bank.example" not in repr(told)


@pytest.mark.parametrize(
    ("answer", "becomes"), [(DONE, "authorized"), (REFUSED, "declined"), (WAITS, "action_required")]
)
def test_looking_again_says_how_it_stands_now(answer: Result, becomes: str, published: Published) -> None:
    waiting = settle(open_payment(), Operation.AUTHORISE, WAITS)

    services.look(payment_id=waiting.pk)
    services.look(payment_id=waiting.pk)
    settle(waiting, Operation.LOOK, answer)

    assert waiting.status == becomes
    assert len(published.of(PaymentActionRequired)) == 1


def test_each_look_has_a_key_of_its_own() -> None:
    waiting = settle(open_payment(), Operation.AUTHORISE, WAITS)

    for _ in range(2):
        services.look_again(payment_ids=[waiting.pk])
        look = Attempt.objects.get(operation=Operation.LOOK, settled_at=None)
        services.settle_calls(results={look.pk: WAITS})

    assert len({attempt.key for attempt in Attempt.objects.filter(operation=Operation.LOOK)}) == 2


def test_who_does_not_have_to_act_has_nothing_to_confirm(payment: Payment) -> None:
    with pytest.raises(NothingToDo):
        services.look(payment_id=payment.pk)

    services.look_again(payment_ids=[payment.pk])
    assert "look" not in asked(payment)


def test_an_order_confirmed_while_its_customer_acts_is_taken_when_they_have() -> None:
    waiting = settle(open_payment(), Operation.AUTHORISE, WAITS)
    take(waiting)
    services.look(payment_id=waiting.pk)

    settle(waiting, Operation.LOOK)

    assert asked(waiting) == ["authorise", "look", "capture"]


def test_an_order_cancelled_while_somebody_looks_is_voided_after_that() -> None:
    waiting = settle(open_payment(), Operation.AUTHORISE, WAITS)
    services.look(payment_id=waiting.pk)
    give_back(waiting)
    assert asked(waiting) == ["authorise", "look"]

    settle(waiting, Operation.LOOK)

    assert settle(waiting, Operation.VOID).status == Status.VOIDED
