import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from pytest_django import DjangoAssertNumQueries
from uuid_utils.compat import uuid7

from inventory.models import StockLevel
from orders.models import TRANSITIONS, Fulfilment, Order, OrderLine, Party, PaymentStatus, Reason, Status
from shop.money import Money
from shop.users.models import Guest, User
from tests.shopping import place


@pytest.fixture
def order(ada: User, mugs: StockLevel) -> Order:
    return place(ada, {"MUG-BLUE": 2})


def test_every_status_says_what_may_follow() -> None:
    assert set(TRANSITIONS) == set(Status)


@pytest.mark.parametrize(
    ("status", "following"),
    [
        (Status.PLACED, {Status.CONFIRMED, Status.CANCELLED}),
        (Status.CONFIRMED, {Status.SHIPPED, Status.CANCELLED}),
        (Status.SHIPPED, {Status.DELIVERED}),
        (Status.DELIVERED, set[Status]()),
        (Status.CANCELLED, set[Status]()),
    ],
)
def test_an_order_may_become_what_its_story_allows_and_nothing_else(status: Status, following: set[Status]) -> None:
    order = Order(status=status)

    assert {each for each in Status if order.may_become(each)} == following


def test_an_order_of_which_some_has_left_is_no_longer_cancelled() -> None:
    order = Order(status=Status.CONFIRMED, fulfilment_status=Fulfilment.PARTIAL)

    order.cancel(Reason.CUSTOMER_REQUEST, Party.CUSTOMER)

    assert order.status == Status.CONFIRMED
    assert order.allowed_transitions == [Status.SHIPPED]


@pytest.mark.parametrize("payment_status", list(PaymentStatus))
@pytest.mark.parametrize("status", list(Status))
def test_only_what_is_confirmed_and_paid_for_may_leave(status: Status, payment_status: PaymentStatus) -> None:
    order = Order(status=status, payment_status=payment_status)

    paid = payment_status in {"captured", "partially_refunded"}
    assert order.is_shippable is (status == "confirmed" and paid)


def test_an_order_shows_its_number_and_its_money() -> None:
    order = Order(number=10042, total=2400, currency="EUR")

    assert str(order) == "order 10042"
    assert order.money == Money(2400, "EUR")


def test_a_line_costs_its_pieces_times_their_price() -> None:
    line = OrderLine(sku="MUG-BLUE", quantity=3, unit_price=1200)

    assert line.total == 3600
    assert str(line) == "3 x MUG-BLUE"


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("status = 'confirmed'", "order_confirmed_has_its_time"),
        ("status = 'cancelled', cancelled_by = 'staff'", "order_cancelled_has_its_reason"),
        ("status = 'cancelled', cancelled_by = 'staff', cancelled_at = now()", "order_cancelled_has_its_reason"),
        ("status = 'cancelled', cancelled_by = 'staff', cancellation_reason = 'x'", "order_cancelled_has_its_reason"),
        ("status = 'cancelled', cancelled_at = now(), cancellation_reason = 'x'", "order_cancelled_by_somebody"),
        ("cancelled_by = 'staff'", "order_cancelled_by_somebody"),
        ("cancellation_reason = 'out_of_stock'", "order_cancelled_has_its_reason"),
        ("status = 'shipped', fulfilment_status = 'fulfilled', shipped_at = now()", "order_confirmed_has_its_time"),
        ("status = 'shipped', confirmed_at = now(), shipped_at = now()", "order_shipped_has_left"),
        ("status = 'shipped', confirmed_at = now(), fulfilment_status = 'fulfilled'", "order_shipped_has_left"),
        ("fulfilment_status = 'fulfilled'", "order_shipped_has_left"),
        ("fulfilment_status = 'partial'", "order_half_shipped_is_confirmed"),
        ("delivered_at = now()", "order_delivered_has_its_time"),
        ("customer_id = NULL", "order_is_a_customers_or_a_guests"),
        ("total = -1", "total_check"),
        ("version = -1", "version_check"),
        ("currency = 'EURO'", "too long"),
        ("number = NULL", "null value"),
        ("shipping_address = NULL", "null value"),
    ],
)
def test_the_database_refuses_an_order_that_contradicts_itself(change: str, guard: str, order: Order) -> None:
    with pytest.raises(DatabaseError, match=guard), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE orders_order SET {change}")


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("quantity = 0", "order_line_has_pieces"),
        ("quantity = -1", "quantity_check|order_line_has_pieces"),
        ("shipped = 3", "order_line_never_overshipped"),
        ("shipped = -1", "shipped_check|order_line_returns_what_has_left"),
        ("returned = 1", "order_line_returns_what_has_left"),
        ("unit_price = -1", "unit_price_check"),
        ("order_id = NULL", "null value"),
    ],
)
def test_the_database_refuses_a_line_that_makes_no_sense(change: str, guard: str, order: Order) -> None:
    with pytest.raises(IntegrityError, match=guard), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE orders_orderline SET {change}")


def test_the_database_refuses_a_second_order_of_the_same_number(ada: User, order: Order) -> None:
    other = place(ada, {"MUG-BLUE": 1})

    with pytest.raises(IntegrityError, match="number"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET number = %s WHERE id = %s", [order.number, other.pk])


def test_the_database_refuses_a_sku_in_two_lines_of_an_order(order: Order) -> None:
    with pytest.raises(IntegrityError, match="order_line_once_per_sku"), transaction.atomic():
        OrderLine.objects.create(order=order, sku="MUG-BLUE", name="Again", quantity=1, unit_price=1)


def test_the_database_refuses_a_line_of_no_order_at_the_commit(order: Order) -> None:
    with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_orderline SET order_id = %s; SET CONSTRAINTS ALL IMMEDIATE", [uuid7()])


def test_a_customer_with_orders_cannot_be_deleted(ada: User, order: Order) -> None:
    with pytest.raises(ProtectedError):
        ada.delete()


def test_the_database_refuses_an_order_of_a_customer_and_a_guest(order: Order) -> None:
    order.guest = Guest.objects.create(email="gus@example.com")

    with pytest.raises(IntegrityError, match="order_is_a_customers_or_a_guests"), transaction.atomic():
        order.save()


def test_an_order_with_its_lines_at_hand_asks_nobody_for_them(
    order: Order, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert [line.sku for line in order.lines.all()] == ["MUG-BLUE"]
