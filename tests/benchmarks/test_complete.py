"""What is counted as an order was looked at: the questions find whatever is not as it must be."""

from collections.abc import Callable

import pytest
from django.db import connection
from pytest_django import Settings

from benchmarks.orders import COMPLETE, CONFIRMED
from inventory.models import StockLevel
from orders.models import Order
from shop.users.models import User
from tests.shopping import IS_DECLINED, place

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _mails_arrive(settings: Settings) -> None:
    """In the mailbox, as with `make run`."""
    settings.EMAIL_BACKEND = "notifications.channels.mailbox.MailboxBackend"


def test_an_order_that_went_well_is_complete_and_has_its_time(
    ada: User, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    order = place(ada, {"MUG-BLUE": 1})

    drain_all()

    ((waited,),) = _asked(CONFIRMED, order)
    assert _asked(COMPLETE, order) == []
    assert 0 < float(str(waited)) < 60


def test_an_order_that_is_not_done_or_ended_otherwise_is_not_complete(
    ada: User, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    declined = place(ada, {"MUG-BLUE": 1}, method=IS_DECLINED)
    drain_all()
    fresh = place(ada, {"MUG-BLUE": 1})

    assert [row[0] for row in _asked(COMPLETE, declined, fresh)] == [declined.pk, fresh.pk]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM notifications_receivedmail WHERE subject LIKE 'Receipt%%'",
        "UPDATE payments_sandbox_book SET amount = amount + 1 WHERE operation = 'capture'",
        "UPDATE inventory_reservationline SET quantity = 2",
        "UPDATE orders_orderline SET unit_price = unit_price + 1",
    ],
)
def test_an_order_that_lacks_something_is_not_complete(
    ada: User, mugs: StockLevel, drain_all: Callable[[], None], damage: str
) -> None:
    order = place(ada, {"MUG-BLUE": 1})
    drain_all()

    with connection.cursor() as cursor:
        cursor.execute(damage)

    assert [row[0] for row in _asked(COMPLETE, order)] == [order.pk]


def _asked(question: str, *orders: Order) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, [[order.pk for order in orders]])
        return list(cursor.fetchall())
