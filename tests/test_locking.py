"""Rows locked by one prepared statement are those that a query set would have locked."""

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from inventory.models import MAIN, StockLevel
from orders.models import Order
from shop.locking import locked
from shop.users.models import User
from tests.processes import database_url
from tests.shopping import place

pytestmark = pytest.mark.django_db(transaction=True)


def test_rows_are_as_a_query_set_would_have_made_them(ada: User, mugs: StockLevel) -> None:
    orders = [place(ada, {"MUG-BLUE": 1}) for _ in range(3)]

    with transaction.atomic():
        found = locked(Order, "id", [order.pk for order in reversed(orders)])
        wanted = list(Order.objects.order_by("pk"))

    assert found == wanted
    assert [{**vars(order), "_state": None} for order in found] == [{**vars(order), "_state": None} for order in wanted]
    assert not found[0]._state.adding


def test_rows_must_have_the_other_values_too(mugs: StockLevel) -> None:
    with transaction.atomic():
        found = locked(StockLevel, "sku", ["MUG-BLUE"], location=MAIN)
        elsewhere = locked(StockLevel, "sku", ["MUG-BLUE"], location="nowhere")

    assert (found, elsewhere) == ([mugs], [])


def test_rows_stay_locked_until_the_transaction_ends(mugs: StockLevel) -> None:
    free = "SELECT sku FROM inventory_stocklevel FOR UPDATE SKIP LOCKED"

    with psycopg.connect(database_url(), autocommit=True) as somebody_else:
        with transaction.atomic():
            locked(StockLevel, "sku", ["MUG-BLUE"])
            meanwhile = somebody_else.execute(free).fetchall()
        afterwards = somebody_else.execute(free).fetchall()

    assert (meanwhile, afterwards) == ([], [("MUG-BLUE",)])


def test_of_no_values_nothing_is_asked(db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        found = locked(Order, "id", [])

    assert (found, len(queries)) == ([], 0)
