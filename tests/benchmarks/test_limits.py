import os
from pathlib import Path

import psycopg
import pytest

from benchmarks.limits.sql import fresh_database, rounds
from shop.runner.programs import postgres_folder
from tests.runner.conftest import fresh_home

# What the shop leaves of one order, as it was counted in its tables.
_ROWS = {
    "orders_order": 1,
    "orders_orderline": 1,
    "api_idempotentanswer": 1,
    "bus_event": 8,
    "bus_delivery": 2,  # deadlines, which stay
    "bus_receipt": 12,
    "inventory_reservation": 1,
    "inventory_reservationline": 1,
    "payments_payment": 1,
    "payments_attempt": 2,
    "payments_sandbox_book": 2,
    "notifications_message": 6,
    "notifications_receivedmail": 3,
}


@pytest.mark.parametrize(
    ("script", "orders", "options"),
    [
        ("naive", 6, ["--client=2", "--transactions=3"]),
        ("bulk", 200, ["--client=2", "--transactions=1"]),
    ],
)
def test_an_order_by_sql_alone_ends_as_in_the_shop_and_leaves_as_many_rows(
    tmp_path: Path, script: str, orders: int, options: list[str]
) -> None:
    with fresh_home(tmp_path / "home") as home, fresh_database(os.environ["DATABASE_URL"]) as url:
        rounds(postgres_folder(home), url, script, *options)

        with psycopg.connect(url) as database:
            left = {table: _count(database, table) / orders for table in _ROWS}
            ends = database.execute("SELECT DISTINCT status, stock_status, payment_status FROM orders_order").fetchall()
            reserved = database.execute("SELECT sum(reserved) FROM inventory_stocklevel").fetchall()
    assert left == _ROWS
    assert ends == [("confirmed", "held", "captured")]
    assert reserved == [(orders,)]


def _count(database: "psycopg.Connection[tuple[int]]", table: str) -> int:
    ((rows,),) = database.execute(f"SELECT count(*) FROM {table}").fetchall()
    return rows
