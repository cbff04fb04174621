from collections.abc import Callable
from threading import Thread
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from inventory.models import StockLevel
from orders import services
from orders.events import OrderCancelled, OrderConfirmed, OrderPlaced
from orders.models import Order, OrderLine, PaymentStatus, Reason, Status, StockStatus
from orders.services import NewLine, NotForSale
from shop.catalogue.models import Price, Product
from shop.users.models import User
from tests.conftest import Published
from tests.crowds import together
from tests.processes import eventually
from tests.shopping import ADDRESS, place

Step = Callable[[UUID], None]


@pytest.fixture
def order(ada: User, mugs: StockLevel) -> Order:
    """Ada has ordered two mugs, and nobody has reacted yet."""
    return place(ada, {"MUG-BLUE": 2})


# --- Placing ------------------------------------------------------------------------------------------------


def test_placing_an_order_writes_its_lines_at_the_prices_of_the_catalogue(
    ada: User, mugs: StockLevel, lamps: StockLevel
) -> None:
    order = place(ada, {"MUG-BLUE": 2, "LAMP-BLACK": 1})

    lines = OrderLine.objects.filter(order=order).values_list("sku", "name", "quantity", "unit_price")
    assert list(lines) == [("MUG-BLUE", "Blue mug", 2, 1200), ("LAMP-BLACK", "Black lamp", 1, 5900)]
    assert Order.objects.get().total == 2 * 1200 + 5900


def test_a_placed_order_awaits_stock_and_payment(ada: User, mugs: StockLevel) -> None:
    place(ada, {"MUG-BLUE": 2})

    order = Order.objects.get()
    assert (order.status, order.stock_status, order.payment_status) == ("placed", "pending", "pending")
    assert (order.customer, order.currency, order.shipping_address) == (ada, "EUR", ADDRESS)
    assert (order.confirmed_at, order.cancelled_at, order.cancellation_reason) == (None, None, "")


def test_a_price_that_changes_later_leaves_the_order_as_it_was(order: Order) -> None:
    Price.objects.update(amount=9900)

    order.refresh_from_db()
    assert order.total == 2400
    assert [line.unit_price for line in order.lines.all()] == [1200]


def test_every_order_gets_a_higher_number_than_the_one_before(ada: User, mugs: StockLevel) -> None:
    numbers = [place(ada, {"MUG-BLUE": 1}).number for _ in range(3)]

    assert numbers == sorted(set(numbers))
    assert numbers[0] > 10_000


def test_placing_an_order_tells_its_lines_once(ada: User, mugs: StockLevel, published: Published) -> None:
    order = place(ada, {"MUG-BLUE": 2})

    assert published == [OrderPlaced.of(Order.objects.get(pk=order.pk))]
    assert [(line.sku, line.quantity) for line in published.of(OrderPlaced)[0].lines] == [("MUG-BLUE", 2)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sku", ["UNHEARD-OF", "RETIRED", "DOLLARS-ONLY", "PRICELESS"])
def test_what_is_not_for_sale_is_named_by_its_line_and_nothing_is_written(
    sku: str, ada: User, mugs: StockLevel, published: Published
) -> None:
    _offer("RETIRED", active=False, currency="EUR")
    _offer("DOLLARS-ONLY", active=True, currency="USD")
    Product(sku="PRICELESS", name="Priceless").save()

    with pytest.raises(NotForSale) as refusal:
        place(ada, {"MUG-BLUE": 1, sku: 1})

    assert refusal.value.places == [1]
    assert not Order.objects.exists()
    assert not OrderLine.objects.exists()
    assert published == []


@pytest.mark.django_db(transaction=True)
def test_an_order_whose_transaction_fails_leaves_no_trace(ada: User, mugs: StockLevel, published: Published) -> None:
    with transaction.atomic():
        place(ada, {"MUG-BLUE": 1})
        transaction.set_rollback(True)

    assert not Order.objects.exists()
    assert published == []


@pytest.mark.django_db(transaction=True)
def test_an_order_without_a_line_for_each_sku_is_refused_by_the_database(ada: User, mugs: StockLevel) -> None:
    twice = [NewLine(sku="MUG-BLUE", quantity=1), NewLine(sku="MUG-BLUE", quantity=2)]

    with pytest.raises(Exception, match="order_line_once_per_sku"):
        services.place_order(
            customer=ada, lines=twice, currency="EUR", shipping_address=ADDRESS, payment_method="pm_card_visa"
        )

    assert not Order.objects.exists()


def test_placing_an_order_of_many_lines_asks_the_database_no_more_often(
    ada: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(50):
        _offer(f"THING-{number}", active=True, currency="EUR")

    with django_assert_max_num_queries(4):  # prices, lines, order, and the news
        place(ada, {f"THING-{number}": 1 for number in range(50)})


def _offer(sku: str, *, active: bool, currency: str) -> None:
    product = Product(sku=sku, name=sku.title(), active=active)
    product.save()
    Price(product=product, currency=currency, amount=1000).save()


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
