from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from inventory.models import StockLevel
from orders.events import OrderCancelled, OrderConfirmed
from orders.models import Order, Status
from shop.bus import Event
from shop.bus.models import Delivery
from shop.bus.tasks import drain
from shop.users.models import User
from tests import news
from tests.conftest import Clock, Published
from tests.news import tell
from tests.shopping import place

pytestmark = pytest.mark.django_db(transaction=True)

Told = Callable[[UUID], Event]


@pytest.fixture
def order(ada: User, mugs: StockLevel) -> Order:
    """Ada has ordered two mugs; nobody but orders will react in these tests."""
    return place(ada, {"MUG-BLUE": 2})


def _hear(order: Order, *kinds: Told) -> Order:
    tell(*(kind(order.pk) for kind in kinds))
    drain.run("orders")
    order.refresh_from_db()
    return order


@pytest.mark.parametrize(
    ("kind", "becomes"),
    [
        (news.stock_reserved, ("placed", "held", "pending", "")),
        (news.stock_rejected, ("cancelled", "rejected", "pending", "out_of_stock")),
        (news.stock_released, ("cancelled", "released", "pending", "stock_timeout")),
        (news.payment_authorized, ("placed", "pending", "authorized", "")),
        (news.payment_declined, ("cancelled", "pending", "declined", "payment_declined")),
        (news.payment_captured, ("placed", "pending", "captured", "")),
        (news.payment_capture_failed, ("cancelled", "pending", "capture_failed", "capture_failed")),
        (news.payment_voided, ("placed", "pending", "voided", "")),
        (news.payment_refunded, ("cancelled", "pending", "refunded", "refunded")),
        (news.payment_refunded_in_part, ("placed", "pending", "partially_refunded", "")),
        (news.payment_action_required, ("placed", "pending", "action_required", "")),
    ],
)
@pytest.mark.parametrize("times", [1, 2, 3])
def test_each_piece_of_news_heard_once_or_more_leaves_the_same_order(
    kind: Told, becomes: tuple[str, ...], times: int, order: Order, published: Published
) -> None:
    for _ in range(times):
        _hear(order, kind)

    assert (order.status, order.stock_status, order.payment_status, order.cancellation_reason) == becomes
    assert len(published.of(OrderCancelled)) == (1 if becomes[0] == "cancelled" else 0)


def test_stock_and_payment_heard_in_one_batch_confirm_the_order_once(order: Order, published: Published) -> None:
    _hear(order, news.stock_reserved, news.payment_authorized, news.payment_authorized, news.stock_reserved)

    assert order.status == Status.CONFIRMED
    assert published.of(OrderConfirmed) == [OrderConfirmed.of(order)]


def test_a_capture_that_fails_cancels_even_a_confirmed_order(order: Order) -> None:
    _hear(order, news.stock_reserved, news.payment_authorized)

    _hear(order, news.payment_capture_failed)

    assert (order.status, order.cancellation_reason) == ("cancelled", "capture_failed")


def test_a_hold_that_ended_too_soon_cancels_even_a_confirmed_order(order: Order) -> None:
    _hear(order, news.stock_reserved, news.payment_authorized)

    _hear(order, news.stock_released)

    assert (order.status, order.stock_status, order.cancellation_reason) == ("cancelled", "released", "stock_timeout")


# --- The deadline -------------------------------------------------------------------------------------------

_JUST_BEFORE = timedelta(minutes=29, seconds=50)
_JUST_AFTER = timedelta(minutes=30, seconds=10)


def test_the_deadline_is_a_delivery_that_is_due_half_an_hour_after_placing(order: Order) -> None:
    deadline = Delivery.objects.get(handler="orders.end_at_deadline")

    assert abs(deadline.due_at - order.placed_at - timedelta(minutes=30)) < timedelta(seconds=10)


def test_an_order_stays_open_until_just_before_its_deadline(order: Order, clock: Clock) -> None:
    clock.forward(_JUST_BEFORE)

    _hear(order)

    assert order.status == Status.PLACED


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        ((), "stock_timeout"),
        ((news.payment_authorized,), "stock_timeout"),
        ((news.stock_reserved,), "payment_timeout"),
    ],
)
def test_an_open_order_ends_at_its_deadline_for_what_is_missing(
    kinds: tuple[Told, ...], reason: str, order: Order, clock: Clock
) -> None:
    _hear(order, *kinds)
    clock.forward(_JUST_AFTER)

    _hear(order)

    assert (order.status, order.cancellation_reason) == ("cancelled", reason)


def test_the_deadline_of_a_confirmed_order_passes_unnoticed(order: Order, clock: Clock, published: Published) -> None:
    _hear(order, news.stock_reserved, news.payment_authorized)
    clock.forward(_JUST_AFTER)

    _hear(order)

    assert order.status == Status.CONFIRMED
    assert published.of(OrderCancelled) == []
    assert not Delivery.objects.filter(handler="orders.end_at_deadline").exists()


def test_news_that_completes_an_order_in_the_batch_of_its_deadline_may_win_or_lose_but_not_both(
    order: Order, clock: Clock, published: Published
) -> None:
    _hear(order, news.stock_reserved)
    clock.forward(_JUST_AFTER)

    _hear(order, news.payment_authorized)

    assert len(published.of(OrderCancelled, OrderConfirmed)) == 1
    assert order.status in {Status.CANCELLED, Status.CONFIRMED}
