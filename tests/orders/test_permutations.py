"""Whatever order stock's and payment's news arrive in, and however often: the order ends the same."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from orders import services
from orders.events import OrderCancelled, OrderConfirmed
from orders.models import Order, Party, Reason, Status
from shop.bus import Event
from shop.bus.models import DeadLetter, Delivery
from shop.bus.tasks import drain
from shop.states import bulk_save
from shop.users.models import User
from tests import news
from tests.conftest import Clock, Published
from tests.news import tell
from tests.permutations import Told, each_twice, one_repeated, side_by_side
from tests.shopping import ADDRESS, PAYS

pytestmark = pytest.mark.django_db(transaction=True)

_STORIES: dict[str, list[tuple[Told, ...]]] = {
    "sold out, and the money set free": each_twice(news.stock_rejected, news.payment_authorized, news.payment_voided),
    "sold out, and declined": each_twice(news.stock_rejected, news.payment_declined),
    "declined, and the stock given back": each_twice(news.stock_reserved, news.payment_declined, news.stock_released),
    "the customer did not let it through": each_twice(
        news.stock_reserved, news.payment_action_required, news.payment_declined
    ),
    "all the money was given back before it left": one_repeated(
        news.stock_reserved, news.payment_authorized, news.payment_refunded_in_part, news.payment_refunded
    ),
    "the capture failed": one_repeated(
        news.stock_reserved, news.payment_authorized, news.payment_capture_failed, news.payment_voided
    ),
    "the hold ended, and the money was given back": one_repeated(
        news.stock_reserved, news.payment_authorized, news.stock_released, news.payment_refunded
    ),
}


@pytest.mark.parametrize("story", _STORIES)
def test_an_order_that_cannot_be_ends_cancelled_in_whatever_order_its_news_comes(
    story: str, ada: User, published: Published
) -> None:
    ids = _play(ada, _STORIES[story])

    assert _statuses(ids) == {Status.CANCELLED}
    cancelled = [event.order_id for event in published.of(OrderCancelled)]
    assert sorted(cancelled) == sorted(ids)
    confirmed = [event.order_id for event in published.of(OrderConfirmed)]
    assert len(set(confirmed)) == len(confirmed)
    assert not DeadLetter.objects.exists()


def test_an_order_that_can_be_is_confirmed_once_in_whatever_order_its_news_comes(
    ada: User, published: Published
) -> None:
    permutations = each_twice(news.stock_reserved, news.payment_authorized, news.payment_captured)

    ids = _play(ada, [each for each in permutations if _can_happen(each)])

    assert len(ids) == 30
    assert _statuses(ids) == {Status.CONFIRMED}
    assert sorted(event.order_id for event in published.of(OrderConfirmed)) == sorted(ids)
    assert set(Order.objects.values_list("payment_status", flat=True)) == {"captured"}


def test_an_order_that_its_customer_lets_through_is_confirmed_once_in_whatever_order_that_is_heard(
    ada: User, published: Published
) -> None:
    permutations: list[tuple[Told, ...]] = each_twice(
        news.stock_reserved, news.payment_action_required, news.payment_authorized
    )

    ids = _play(ada, permutations)

    assert len(ids) == 90
    assert _statuses(ids) == {Status.CONFIRMED}
    assert sorted(event.order_id for event in published.of(OrderConfirmed)) == sorted(ids)
    assert set(Order.objects.values_list("payment_status", flat=True)) == {"authorized"}


def _can_happen(permutation: Sequence[Told]) -> bool:
    """Money is taken because an order was confirmed, so the first capture is always heard of after both."""
    first = {told: permutation.index(told) for told in permutation}
    return first[news.payment_captured] > max(first[news.stock_reserved], first[news.payment_authorized])


def test_who_has_to_act_has_longer_and_the_order_ends_in_one_way_all_the_same(
    ada: User, published: Published, clock: Clock
) -> None:
    permutations: list[tuple[Told, ...]] = each_twice(news.stock_reserved, news.payment_action_required, _deadline)

    ids = _play(ada, permutations)
    waiting = sum(status == Status.PLACED for status in dict(Order.objects.values_list("pk", "status")).values())
    clock.forward(timedelta(minutes=61))
    drain.run("orders")

    assert 0 < waiting < len(ids)
    assert _statuses(ids) == {Status.CANCELLED}
    cancelled = published.of(OrderCancelled)
    assert sorted(event.order_id for event in cancelled) == sorted(ids)
    assert {event.reason for event in cancelled} == {"payment_timeout", "stock_timeout"}
    assert not Delivery.objects.filter(queue="orders").exists()


def test_with_its_deadline_anywhere_between_an_order_ends_in_one_way_and_tells_it_once(
    ada: User, published: Published, clock: Clock
) -> None:
    ids = _play(ada, each_twice(news.stock_reserved, news.payment_authorized, _deadline), clock)

    assert _statuses(ids) == {Status.CONFIRMED, Status.CANCELLED}
    ended = [event.order_id for event in published.of(OrderConfirmed, OrderCancelled)]
    assert sorted(ended) == sorted(ids)
    assert not Delivery.objects.filter(queue="orders").exists()


def test_an_order_that_its_customer_cancels_at_any_moment_ends_cancelled_for_that_and_tells_it_once(
    ada: User, published: Published
) -> None:
    permutations = each_twice(news.stock_reserved, news.payment_authorized, _customer_cancels)

    ids = _play(ada, permutations)

    assert len(ids) == 90
    assert _statuses(ids) == {Status.CANCELLED}
    cancelled = published.of(OrderCancelled)
    assert sorted(event.order_id for event in cancelled) == sorted(ids)
    assert {(event.reason, event.cancelled_by) for event in cancelled} == {("customer_request", "customer")}
    confirmed = [event.order_id for event in published.of(OrderConfirmed)]
    assert 0 < len(confirmed) == len(set(confirmed)) < len(ids)


def _customer_cancels(order_id: UUID) -> Event:
    """Not news: at this place the customer asks to cancel."""
    raise NotImplementedError


def _deadline(order_id: UUID) -> Event:
    """Not news: at this place the order's deadline strikes."""
    raise NotImplementedError


def _play(customer: User, permutations: Sequence[tuple[Told, ...]], clock: Clock | None = None) -> list[UUID]:
    """Play each permutation to an order of its own, step by step and side by side, each step in one batch or more."""
    strangers, steps = side_by_side(permutations)
    orders = dict(zip(strangers, _orders(customer, len(strangers)), strict=True))
    for step in steps:
        tell(*(told(orders[each]) for each, told in step if told not in {_deadline, _customer_cancels}))
        _strike([orders[each] for each, told in step if told is _deadline])
        _cancel([orders[each] for each, told in step if told is _customer_cancels])
        drain.run("orders")
    if clock:
        clock.forward(timedelta(hours=1))
        drain.run("orders")
    return list(orders.values())


def _orders(customer: User, count: int) -> list[UUID]:
    """Many orders at once; what was ordered does not matter to who hears of stock and money."""
    fields = {"currency": "EUR", "total": 1200, "shipping_address": ADDRESS, "payment_method": PAYS}
    orders = [Order(customer=customer, **fields) for _ in range(count)]
    for order in orders:
        order.remember_lines([])
    bulk_save(orders)
    return [order.pk for order in orders]


def _strike(ids: Sequence[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bus_delivery SET due_at = shop_now() FROM bus_event WHERE id = event_id"
            " AND handler = 'orders.end_at_deadline' AND partition_key = ANY(%s)",
            [[str(order_id) for order_id in ids]],
        )


def _cancel(ids: Sequence[UUID]) -> None:
    for order_id in ids:
        with suppress(services.NotCancellable):
            services.cancel_on_request(order_id=order_id, reason=Reason.CUSTOMER_REQUEST, by=Party.CUSTOMER)


def _statuses(ids: Sequence[UUID]) -> set[str]:
    found = dict(Order.objects.filter(pk__in=ids).values_list("pk", "status"))
    assert set(found) == set(ids)
    return set(found.values())
