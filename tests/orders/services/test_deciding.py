from collections.abc import Callable
from threading import Thread
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from inventory.models import StockLevel
from orders import services
from orders.events import OrderCancelled, OrderConfirmed
from orders.models import Order, PaymentStatus, Reason, Status, StockStatus
from shop.users.models import User
from tests.conftest import Published
from tests.crowds import together
from tests.processes import eventually
from tests.shopping import place

Step = Callable[[UUID], None]


@pytest.fixture
def order(ada: User, mugs: StockLevel) -> Order:
    """Ada has ordered two mugs, and nobody has reacted yet."""
    return place(ada, {"MUG-BLUE": 2})


# --- Confirming ---------------------------------------------------------------------------------------------


def _held(order_id: UUID) -> None:
    services.note_stock(news={order_id: StockStatus.HELD})


def _authorized(order_id: UUID) -> None:
    services.note_payment(news={order_id: PaymentStatus.AUTHORIZED})


@pytest.mark.parametrize("steps", [(_held, _authorized), (_authorized, _held)])
def test_an_order_is_confirmed_by_the_second_of_stock_and_payment(
    steps: tuple[Step, Step], order: Order, published: Published
) -> None:
    first, second = steps

    first(order.pk)
    order.refresh_from_db()
    assert order.status == Status.PLACED
    second(order.pk)

    order.refresh_from_db()
    assert order.status == Status.CONFIRMED
    assert order.confirmed_at is not None
    assert published == [OrderConfirmed.of(order)]


@pytest.mark.parametrize("step", [_held, _authorized])
def test_news_heard_twice_alone_confirms_nothing(step: Step, order: Order, published: Published) -> None:
    step(order.pk)
    step(order.pk)

    order.refresh_from_db()
    assert order.status == Status.PLACED
    assert published == []


def test_a_confirmed_order_that_hears_its_news_again_tells_nothing_more(order: Order, published: Published) -> None:
    for step in (_held, _authorized, _held, _authorized):
        step(order.pk)

    order.refresh_from_db()
    assert published == [OrderConfirmed.of(order)]


def test_news_of_many_orders_at_once_finds_each_of_them(ada: User, mugs: StockLevel, published: Published) -> None:
    orders = [place(ada, {"MUG-BLUE": 1}) for _ in range(3)]

    services.note_stock(news={order.pk: StockStatus.HELD for order in orders})
    services.note_payment(news={order.pk: PaymentStatus.AUTHORIZED for order in orders[:2]})

    confirmed = [event.order_id for event in published.of(OrderConfirmed)]
    assert sorted(confirmed) == sorted(order.pk for order in orders[:2])
    assert Order.objects.get(status=Status.PLACED) == orders[2]


def test_news_of_an_order_that_nobody_knows_changes_nothing(order: Order, published: Published) -> None:
    stranger = uuid4()

    _held(stranger)
    _authorized(stranger)
    services.cancel(orders={stranger: Reason.OUT_OF_STOCK})
    services.end_overdue(order_ids=[stranger])

    order.refresh_from_db()
    assert (order.status, order.version) == (Status.PLACED, 1)
    assert published == []


_LIFE = list(PaymentStatus)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [(earlier, later) for place, earlier in enumerate(_LIFE) for later in _LIFE[place:]],
)
def test_earlier_payment_news_never_overwrites_later(
    earlier: PaymentStatus, later: PaymentStatus, order: Order
) -> None:
    services.note_payment(news={order.pk: later})
    services.note_payment(news={order.pk: earlier})

    order.refresh_from_db()
    assert order.payment_status == later


@pytest.mark.parametrize("late", [StockStatus.HELD, StockStatus.REJECTED])
def test_released_stock_is_the_last_that_is_noted_of_stock(late: StockStatus, order: Order) -> None:
    services.note_stock(news={order.pk: StockStatus.RELEASED})
    services.note_stock(news={order.pk: late})

    order.refresh_from_db()
    assert order.stock_status == StockStatus.RELEASED


# --- Cancelling ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", list(Reason))
def test_a_placed_order_is_cancelled_for_any_reason_and_says_so(
    reason: Reason, order: Order, published: Published
) -> None:
    services.cancel(orders={order.pk: reason})

    order.refresh_from_db()
    assert (order.status, order.cancellation_reason) == (Status.CANCELLED, reason)
    assert order.cancelled_at is not None
    assert published == [OrderCancelled.of(order)]
    assert published.of(OrderCancelled)[0].reason == reason


def test_an_order_cancelled_twice_keeps_its_first_reason(order: Order, published: Published) -> None:
    services.cancel(orders={order.pk: Reason.OUT_OF_STOCK})
    services.cancel(orders={order.pk: Reason.PAYMENT_DECLINED})

    order.refresh_from_db()
    assert order.cancellation_reason == Reason.OUT_OF_STOCK
    assert published == [OrderCancelled.of(order)]


def test_a_confirmed_order_may_still_be_cancelled(order: Order, published: Published) -> None:
    _held(order.pk)
    _authorized(order.pk)

    services.cancel(orders={order.pk: Reason.CAPTURE_FAILED})

    order.refresh_from_db()
    assert order.status == Status.CANCELLED
    assert order.confirmed_at is not None
    assert [type(event) for event in published] == [OrderConfirmed, OrderCancelled]


def test_late_news_is_noted_on_a_cancelled_order_and_does_not_revive_it(order: Order, published: Published) -> None:
    services.cancel(orders={order.pk: Reason.PAYMENT_TIMEOUT})

    _held(order.pk)
    _authorized(order.pk)

    order.refresh_from_db()
    assert (order.status, order.stock_status, order.payment_status) == ("cancelled", "held", "authorized")
    assert order.confirmed_at is None
    assert [type(event) for event in published] == [OrderCancelled]


# --- The deadline -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("news", "reason"),
    [((), "stock_timeout"), ((_authorized,), "stock_timeout"), ((_held,), "payment_timeout")],
)
def test_an_overdue_order_is_cancelled_for_what_is_missing(news: tuple[Step, ...], reason: str, order: Order) -> None:
    for step in news:
        step(order.pk)

    services.end_overdue(order_ids=[order.pk])

    order.refresh_from_db()
    assert (order.status, order.cancellation_reason) == (Status.CANCELLED, reason)


def test_the_deadline_does_nothing_to_a_confirmed_order(order: Order) -> None:
    _held(order.pk)
    _authorized(order.pk)

    services.end_overdue(order_ids=[order.pk])

    order.refresh_from_db()
    assert order.status == Status.CONFIRMED


@pytest.mark.django_db(transaction=True)
def test_an_order_that_is_confirmed_while_its_deadline_strikes_stays_confirmed(order: Order) -> None:
    _held(order.pk)
    struck = Thread(target=_strike, args=(order.pk,))

    with transaction.atomic():
        _authorized(order.pk)
        struck.start()
        eventually(_somebody_waits_for_us, "the deadline waits for the order")
    struck.join(10)

    order.refresh_from_db()
    assert order.status == Status.CONFIRMED


def _strike(order_id: UUID) -> None:
    services.end_overdue(order_ids=[order_id])
    connection.close()


def _somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


# --- At the same moment -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_order_that_many_decide_about_at_once_ends_in_one_way_only(
    ada: User, mugs: StockLevel, published: Published
) -> None:
    order = place(ada, {"MUG-BLUE": 1})
    deeds: list[Callable[[], None]] = [
        lambda: _held(order.pk),
        lambda: _authorized(order.pk),
        lambda: services.cancel(orders={order.pk: Reason.OUT_OF_STOCK}),
        lambda: services.end_overdue(order_ids=[order.pk]),
    ]

    together(*deeds)

    order.refresh_from_db()
    assert order.status == Status.CANCELLED
    assert len(published.of(OrderCancelled)) == 1
    assert len(published.of(OrderConfirmed)) <= 1
