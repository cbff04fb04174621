"""Whatever order news and the gateway's answers arrive in, and however often: the money ends the same."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from django.db import connection
from pytest_django import Settings

from payments import services
from payments.gateways import sandbox
from payments.models import Payment, Refund, Status
from shop.bus import Event
from shop.bus.models import DeadLetter
from shop.bus.tasks import drain
from tests.books import Balance, balance, entries
from tests.news import order_cancelled, order_confirmed, order_placed, order_returned, tell
from tests.permutations import Told, each_twice, side_by_side
from tests.shopping import IS_DECLINED

pytestmark = pytest.mark.django_db(transaction=True)


def gateway_answers(order_id: UUID) -> Event:
    """Not news: at this place the gateway is let to answer what it was asked for the order."""
    raise NotImplementedError


def customer_lets_it_through(order_id: UUID) -> Event:
    """Not news: at this place the customer acts at the bank, if it has asked for that yet, and comes back."""
    raise NotImplementedError


def order_placed_by_a_careful_customer(order_id: UUID) -> Event:
    return order_placed(order_id, method="pm_card_threeDSecure2Required")


def order_placed_by_a_poor_customer(order_id: UUID) -> Event:
    return order_placed(order_id, method=IS_DECLINED)


@pytest.fixture(autouse=True)
def _few_threads(settings: Settings) -> None:
    settings.BUS_SLOTS = {"payments.out": 8}


_NO_NEWS = {gateway_answers, customer_lets_it_through}


def _play(permutations: Sequence[tuple[Told, ...]]) -> list[UUID]:
    ids, steps = side_by_side(permutations)
    for step in steps:
        tell(*(told(order_id) for order_id, told in step if told not in _NO_NEWS))
        drain.run("payments")
        _let_through([order_id for order_id, told in step if told is customer_lets_it_through])
        _let_the_gateway_answer([order_id for order_id, told in step if told is gateway_answers])
    while _let_the_gateway_answer(ids):
        drain.run("payments")
    return ids


def _let_the_gateway_answer(ids: Sequence[UUID]) -> bool:
    """Only the calls for these orders are made now; whether there were any."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bus_delivery SET due_at = shop_now() + CASE WHEN partition_key = ANY(%s) THEN interval '0'"
            " ELSE interval '1 day' END FROM bus_event"
            " WHERE id = event_id AND queue = 'payments.out' RETURNING partition_key = ANY(%s)",
            [[str(order_id) for order_id in ids]] * 2,
        )
        wanted = any(due for (due,) in cursor.fetchall())
    drain.run("payments.out")
    return wanted


def _let_through(ids: Sequence[UUID]) -> None:
    waiting = Payment.objects.filter(order_id__in=ids, status=Status.ACTION_REQUIRED)
    for payment in waiting:
        sandbox.bank_says(charge=payment.charge, approved=True)
    services.look_again(payment_ids=[payment.pk for payment in waiting])


def _with_answers(*kinds: Told) -> list[tuple[Told, ...]]:
    """Every order in which the news comes, each piece twice, with the gateway answering early, halfway or late."""
    return [
        (*permutation[:place], gateway_answers, *permutation[place:])
        for permutation in each_twice(*kinds)
        for place in range(1, len(permutation), 2)
    ]


def test_a_cancelled_order_keeps_no_money_in_whatever_order_its_news_came() -> None:
    ids = _play(_with_answers(order_placed, order_confirmed, order_cancelled))

    assert len(ids) == 90 * 3
    assert _statuses(ids) <= {Status.VOIDED, Status.REFUNDED, Status.CLOSED}
    assert {balance(order_id) for order_id in ids[::7]} == {Balance()}
    assert balance() == Balance()
    _assert_nothing_moved_twice()


def test_a_confirmed_order_is_charged_once_in_whatever_order_its_news_came() -> None:
    permutations = [each for each in _with_answers(order_placed, order_confirmed) if each[0] is order_placed]

    ids = _play(permutations)

    assert _statuses(ids) == {Status.CAPTURED}
    assert balance() == Balance(taken=1200 * len(ids))
    _assert_nothing_moved_twice()


def test_an_order_cancelled_while_its_customer_acts_keeps_no_money_in_whatever_order_that_happens() -> None:
    permutations = [
        (*permutation[:place], gateway_answers, *permutation[place:])
        for permutation in each_twice(order_placed_by_a_careful_customer, order_cancelled, customer_lets_it_through)
        for place in range(1, len(permutation), 2)
    ]

    ids = _play(permutations)

    assert len(ids) == 90 * 3
    assert _statuses(ids) <= {Status.VOIDED, Status.CLOSED}
    assert balance() == Balance()
    _assert_nothing_moved_twice()


def _one_returned(order_id: UUID) -> Event:
    return order_returned(order_id, refund=500)


def _rest_returned(order_id: UUID) -> Event:
    return order_returned(order_id, return_id=UUID(int=order_id.int ^ 5), refund=700)


def test_what_came_back_is_paid_back_once_in_whatever_order_that_is_heard() -> None:
    """Goods leave after their money was taken, so their return is always heard of after that."""
    returns = [
        (*permutation[:place], gateway_answers, *permutation[place:])
        for permutation in each_twice(_one_returned, _rest_returned)
        for place in range(len(permutation) + 1)
    ]
    taken = (order_placed, order_confirmed, gateway_answers, gateway_answers, gateway_answers)

    ids = _play([(*taken, *permutation) for permutation in returns])

    assert len(ids) == 6 * 5
    assert _statuses(ids) == {Status.REFUNDED}
    assert balance() == Balance()
    assert Refund.objects.count() == 2 * len(ids)
    assert not DeadLetter.objects.exists()


def test_a_declined_order_moves_no_money_in_whatever_order_its_news_came() -> None:
    ids = _play(_with_answers(order_placed_by_a_poor_customer, order_cancelled))

    assert _statuses(ids) <= {Status.DECLINED, Status.CLOSED}
    assert balance() == Balance()
    assert not any(entry.done for entry in entries())


def _statuses(ids: Sequence[UUID]) -> set[str]:
    found = dict(Payment.objects.filter(order_id__in=ids).values_list("order_id", "status"))
    assert set(found) == set(ids)
    return set(found.values())


def _assert_nothing_moved_twice() -> None:
    moved = [(entry.key.partition(":")[0], entry.operation) for entry in entries()]
    assert len(set(moved)) == len(moved)
    assert not Payment.objects.filter(busy=True).exists()
    assert not DeadLetter.objects.exists()
