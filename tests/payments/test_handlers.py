from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection
from pytest_django import Settings

from payments.events import PaymentAuthorized, PaymentCaptured, PaymentDeclined, PaymentRefunded, PaymentVoided
from payments.models import Attempt, Outcome, Payment, Status
from shop.bus import Event
from shop.bus.models import DeadLetter, Delivery
from shop.bus.tasks import drain
from tests.books import NOTHING, Balance, balance, entries, operations
from tests.conftest import Clock, Published, StartWorker
from tests.news import order_cancelled, order_confirmed, order_placed, tell
from tests.payments.conftest import UseGateway
from tests.payments.tempers import Away, Interrupted, KillsItsWorker, Refuses
from tests.processes import eventually
from tests.shopping import IS_DECLINED, NEVER_ANSWERS, PAYS_SLOWLY

pytestmark = pytest.mark.django_db(transaction=True)

_ASKING = "payments.ask_gateway"
_NEVER = datetime.max.replace(tzinfo=UTC)


def _hear(*events: Event) -> None:
    """Payments hears this, and everything that it wants of the gateway is done."""
    tell(*events)
    _drain()


def _drain() -> None:
    for _ in range(4):  # authorise, capture or void, refund, and once more for nothing
        drain.run("payments")
        drain.run("payments.out")


def _payment(order_id: UUID) -> Payment:
    return Payment.objects.get(order_id=order_id)


def _asking() -> Delivery:
    return Delivery.objects.get(handler=_ASKING)


# --- What becomes of the money ------------------------------------------------------------------------------


def test_a_placed_order_has_its_money_held_at_the_gateway(published: Published) -> None:
    order_id = uuid4()

    _hear(order_placed(order_id, {"MUG-BLUE": 2}))

    assert _payment(order_id).status == Status.AUTHORIZED
    assert balance(order_id) == Balance(held=2400)
    assert len(published.of(PaymentAuthorized)) == 1


def test_every_piece_of_news_heard_three_times_moves_the_money_once(published: Published) -> None:
    order_id = uuid4()

    for event in (order_placed(order_id), order_confirmed(order_id), order_cancelled(order_id)):
        for _ in range(3):
            _hear(event)

    assert operations(order_id) == ["authorise", "capture", "refund"]
    assert balance(order_id) == NOTHING
    assert len(published.of(PaymentAuthorized, PaymentCaptured, PaymentRefunded)) == 3


def test_a_declined_payment_moves_no_money_whatever_is_heard_later(published: Published) -> None:
    order_id = uuid4()

    _hear(order_placed(order_id, method=IS_DECLINED))
    _hear(order_cancelled(order_id))

    assert _payment(order_id).status == Status.DECLINED
    assert [(entry.operation, entry.done) for entry in entries(order_id)] == [("authorise", False)]
    assert [event.code for event in published.of(PaymentDeclined)] == ["card_declined"]


def test_a_confirmed_order_is_captured_in_full(published: Published) -> None:
    order_id = uuid4()

    _hear(order_placed(order_id, {"MUG-BLUE": 2}))
    _hear(order_confirmed(order_id))

    assert _payment(order_id).status == Status.CAPTURED
    assert balance(order_id) == Balance(taken=2400)


def test_an_order_cancelled_after_the_authorisation_is_voided(published: Published) -> None:
    order_id = uuid4()

    _hear(order_placed(order_id))
    _hear(order_cancelled(order_id))

    assert _payment(order_id).status == Status.VOIDED
    assert operations(order_id) == ["authorise", "void"]
    assert len(published.of(PaymentVoided)) == 1


def test_an_order_cancelled_before_it_was_heard_of_never_reaches_the_gateway() -> None:
    order_id = uuid4()

    _hear(order_cancelled(order_id))
    _hear(order_placed(order_id), order_confirmed(order_id))

    assert _payment(order_id).status == Status.CLOSED
    assert entries(order_id) == []


@pytest.mark.parametrize(
    ("operation", "done"), [("authorise", ["authorise", "void"]), ("capture", ["authorise", "capture", "refund"])]
)
def test_an_order_cancelled_while_the_gateway_is_working_gets_its_money_back(
    operation: str, done: list[str], use_gateway: UseGateway
) -> None:
    use_gateway(Interrupted)
    order_id = uuid4()

    def cancel() -> None:
        tell(order_cancelled(order_id))
        drain.run("payments")

    Interrupted.meanwhile[operation] = cancel
    _hear(order_placed(order_id))
    _hear(order_confirmed(order_id))

    assert operations(order_id) == done
    assert balance(order_id) == NOTHING


# --- A gateway that is slow, silent, away or unwilling ------------------------------------------------------


def test_a_slow_gateway_keeps_nobody_else_waiting() -> None:
    slow = [uuid4() for _ in range(5)]

    _hear(*(order_placed(order_id, method=PAYS_SLOWLY) for order_id in slow), order_placed(quick := uuid4()))

    assert {_payment(order_id).status for order_id in (*slow, quick)} == {Status.AUTHORIZED}
    settled = {each.payment.order_id: each.settled_at or _NEVER for each in Attempt.objects.select_related("payment")}
    assert all(settled[order_id] - settled[quick] > timedelta(seconds=1) for order_id in slow)
    assert max(settled[each] for each in slow) - min(settled[each] for each in slow) < timedelta(seconds=1.5)


def test_a_gateway_that_never_answers_is_asked_by_key_and_charges_once(clock: Clock) -> None:
    order_id = uuid4()
    _hear(order_placed(order_id, method=NEVER_ANSWERS))
    assert Attempt.objects.get().outcome == Outcome.SENT
    assert _asking().attempts == 1

    clock.forward(timedelta(seconds=10))
    _drain()
    _hear(order_confirmed(order_id))

    assert _payment(order_id).status == Status.CAPTURED
    assert operations(order_id) == ["authorise", "capture"]
    assert balance(order_id) == Balance(taken=1200)


def test_a_gateway_that_is_away_counts_no_attempt_and_is_asked_when_it_is_back(
    use_gateway: UseGateway, clock: Clock
) -> None:
    use_gateway(Away)
    order_id = uuid4()

    for _ in range(12):  # more often than a delivery may be tried
        _hear(order_placed(order_id))
        clock.forward(timedelta(minutes=1))
    assert _asking().attempts == 0
    assert "nobody picks up" in str(_asking().error) or "is away" in str(_asking().error)
    assert entries() == []
    Away.back = True
    eventually(partial(_is_authorized, order_id, clock), "the payment goes on when the gateway is back")

    assert operations(order_id) == ["authorise"]
    assert not DeadLetter.objects.exists()


def _is_authorized(order_id: UUID, clock: Clock) -> bool:
    clock.forward(timedelta(minutes=1))
    _drain()
    return _payment(order_id).status == Status.AUTHORIZED


def test_a_gateway_that_is_away_holds_back_later_payments_without_asking_for_each(
    use_gateway: UseGateway, clock: Clock
) -> None:
    use_gateway(Away)
    _hear(order_placed(uuid4()))

    _hear(*(order_placed(uuid4()) for _ in range(5)))

    assert list(Delivery.objects.filter(handler=_ASKING).values_list("attempts", flat=True)) == [0] * 6
    assert not DeadLetter.objects.exists()


@pytest.mark.parametrize("operation", ["void", "refund"])
def test_a_gateway_that_will_not_give_back_leaves_a_dead_letter_that_says_so(
    operation: str, use_gateway: UseGateway, clock: Clock, settings: Settings
) -> None:
    use_gateway(Refuses)
    Refuses.refused = {operation}
    order_id = uuid4()
    _hear(order_placed(order_id))
    if operation == "refund":
        _hear(order_confirmed(order_id))

    _hear(order_cancelled(order_id))
    for _ in range(settings.BUS_ATTEMPTS):
        clock.forward(timedelta(hours=2))
        _drain()

    letter = DeadLetter.objects.get()
    assert (letter.handler, letter.attempts, letter.parked) == (_ASKING, 8, False)
    assert "not_allowed" in letter.error
    assert operation in letter.error
    assert balance(order_id) != NOTHING
    assert _payment(order_id).busy


def test_a_capture_that_is_refused_is_followed_by_a_void_when_the_order_ends(use_gateway: UseGateway) -> None:
    use_gateway(Refuses)
    Refuses.refused = {"capture"}
    order_id = uuid4()

    _hear(order_placed(order_id))
    _hear(order_confirmed(order_id))
    _hear(order_cancelled(order_id, reason="capture_failed"))

    assert _payment(order_id).status == Status.VOIDED
    assert balance(order_id) == NOTHING


# --- Answers that come too late, and workers that die -------------------------------------------------------


def test_an_answer_after_the_lease_was_taken_over_is_kept_and_changes_nothing(
    use_gateway: UseGateway, published: Published
) -> None:
    use_gateway(Interrupted)
    order_id = uuid4()
    Interrupted.meanwhile["authorise"] = partial(_take_over, "attempts = attempts + 1")

    _hear(order_placed(order_id))

    attempt = Attempt.objects.get()
    assert [answer["done"] for answer in attempt.late_answers] == [True]
    assert (attempt.outcome, _payment(order_id).status) == (Outcome.SENT, Status.PENDING)
    assert published.of(PaymentAuthorized) == []


def test_whoever_took_the_lease_over_finds_by_key_what_the_late_one_did(
    use_gateway: UseGateway, published: Published
) -> None:
    use_gateway(Interrupted)
    order_id = uuid4()
    Interrupted.meanwhile["authorise"] = partial(_take_over, "attempts = attempts + 1, due_at = shop_now()")

    _hear(order_placed(order_id))

    attempt = Attempt.objects.get()
    assert (attempt.outcome, _payment(order_id).status) == (Outcome.SUCCEEDED, Status.AUTHORIZED)
    assert len(attempt.late_answers) == 1
    assert operations(order_id) == ["authorise"]
    assert len(published.of(PaymentAuthorized)) == 1


def _take_over(change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE bus_delivery SET {change} WHERE handler = %s", [_ASKING])


def test_a_worker_killed_between_the_gateway_and_the_settlement_moves_the_money_once(
    start_worker: StartWorker, tmp_path: Path
) -> None:
    stories: dict[str, list[Callable[[UUID], Event]]] = {
        "authorise": [order_placed],
        "capture": [order_placed, order_confirmed],
        "void": [order_placed, order_cancelled],
        "refund": [order_placed, order_confirmed, order_cancelled],
    }
    orders = {operation: uuid4() for operation in stories}
    for operation, story in stories.items():
        for told in story[:-1]:
            _hear(told(orders[operation]))
    tell(*(story[-1](orders[operation]) for operation, story in stories.items()))
    drain.run("payments")

    def is_settled() -> bool:
        return not Attempt.objects.exclude(outcome=Outcome.SUCCEEDED).exists()

    path = f"{KillsItsWorker.__module__}.{KillsItsWorker.__qualname__}"
    with start_worker("payments.out", PAYMENT_GATEWAY=path, DEATHS=str(tmp_path)):
        eventually(is_settled, "every attempt is settled by a successor of the worker that died", seconds=30)

    assert (tmp_path / "died").exists()
    assert {operation: operations(order_id) for operation, order_id in orders.items()} == {
        "authorise": ["authorise"],
        "capture": ["authorise", "capture"],
        "void": ["authorise", "void"],
        "refund": ["authorise", "capture", "refund"],
    }
    assert not DeadLetter.objects.exists()
