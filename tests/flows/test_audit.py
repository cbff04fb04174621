"""The audit is checked too: whatever is broken on purpose, it finds."""

from collections.abc import Callable, Collection

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from inventory.models import StockLevel
from orders import services
from shop.users.models import User
from tests.flows import audit
from tests.flows.conftest import ask
from tests.shopping import IS_DECLINED, place

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stories(ada: User, mugs: StockLevel, lamps: StockLevel, settings: Settings, drain_all: Callable[[], None]) -> None:
    """One order was shipped, one went well, one was declined, and one was sold out."""
    settings.EMAIL_BACKEND = "notifications.channels.mailbox.MailboxBackend"
    shipped = place(ada, {"MUG-BLUE": 1})
    drain_all()
    services.ship(order_id=shipped.pk, carrier="Pigeon Post")
    place(ada, {"MUG-BLUE": 2})
    place(ada, {"MUG-BLUE": 1}, method=IS_DECLINED)
    place(ada, {"LAMP-BLACK": 2})
    drain_all()


def test_stories_that_ended_well_break_nothing(stories: None) -> None:
    assert audit.is_at_rest(ask)
    assert audit.broken(ask) == {}


_CONFIRMED = "(SELECT id FROM orders_order WHERE status = 'confirmed')"
_SHIPPED = "(SELECT id FROM orders_order WHERE status = 'shipped')"
_SOLD_OUT = "(SELECT id FROM orders_order WHERE cancellation_reason = 'out_of_stock')"


_DEEDS = [
    (
        "UPDATE orders_order SET status = 'placed', confirmed_at = NULL WHERE status = 'confirmed'",
        "every order has ended",
    ),
    (
        f"UPDATE inventory_reservation SET state = 'released' WHERE order_id = {_CONFIRMED}",
        "a confirmed order holds its stock",
    ),
    (
        f"DELETE FROM inventory_reservationline; DELETE FROM inventory_reservation WHERE order_id = {_CONFIRMED}",
        "a confirmed order holds its stock",
    ),
    (
        f"UPDATE inventory_reservation SET state = 'committed' WHERE order_id = {_SOLD_OUT}",
        "a cancelled order holds no stock",
    ),
    (
        f"UPDATE inventory_reservation SET state = 'committed' WHERE order_id = {_SHIPPED}",
        "an order that has left is gone from the stock",
    ),
    (
        "UPDATE inventory_reservationline SET shipped = 0",
        "inventory knows of every line how much has left",
    ),
    (
        "DELETE FROM orders_shipmentline",
        "a line has left as often as its shipments say",
    ),
    (
        f"DELETE FROM payments_sandbox_book WHERE key = {_CONFIRMED} || ':capture'",
        "a confirmed order is paid for once and in full",
    ),
    (
        f"UPDATE payments_sandbox_book SET amount = 1 WHERE key = {_CONFIRMED} || ':capture'",
        "a confirmed order is paid for once and in full",
    ),
    (
        (
            "INSERT INTO payments_sandbox_book (key, operation, charge, amount, currency, done, code)"
            f" VALUES ({_CONFIRMED} || ':gift', 'refund', 'x', 100, 'EUR', true, '')"
        ),
        "a confirmed order has back what was given back for a reason",
    ),
    (
        (
            "INSERT INTO payments_sandbox_book (key, operation, charge, amount, currency, done, code)"
            f" VALUES ({_CONFIRMED} || ':another', 'capture', 'x', 2400, 'EUR', true, '')"
        ),
        "a confirmed order is paid for once and in full",
    ),
    (
        f"DELETE FROM payments_sandbox_book WHERE key = {_SOLD_OUT} || ':void'",
        "a cancelled order costs nothing",
    ),
    (
        (
            "INSERT INTO payments_sandbox_book (key, operation, charge, amount, currency, done, code)"
            " VALUES (gen_random_uuid() || ':authorise', 'authorise', 'x', 1, 'EUR', true, '')"
        ),
        "no money moves without an order",
    ),
    ("UPDATE payments_payment SET busy = true", "nobody waits for the gateway"),
    (
        "UPDATE inventory_stocklevel SET reserved = reserved + 1 WHERE sku = 'MUG-BLUE'",
        "a level says what its reservations say",
    ),
    (
        "UPDATE inventory_stocklevel SET reserved = reserved - 1 WHERE sku = 'MUG-BLUE'",
        "a level says what its reservations say",
    ),
    (
        (
            "DELETE FROM bus_event"
            " WHERE type = 'order.placed' AND partition_key = (SELECT max(id::text) FROM orders_order)"
        ),
        "a subject's events are numbered without gaps",
    ),
    ("DELETE FROM bus_event WHERE type = 'order.placed'", "every order was told"),
    (
        "UPDATE bus_event SET type = 'order.placed' WHERE type = 'order.confirmed'",
        "nothing is told twice of an order, a payment or a reservation",
    ),
    (
        "DELETE FROM orders_orderline; DELETE FROM orders_order WHERE status = 'confirmed'",
        "no order is told that does not exist",
    ),
    (
        (
            "INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)"
            " VALUES (gen_random_uuid(), 'x', 'orders', 0, now())"
        ),
        "nothing is still to be done but what is due later",
    ),
    (
        (
            "INSERT INTO bus_deadletter (event_id, handler, queue, attempts, parked, error, died_at)"
            " VALUES (gen_random_uuid(), 'x', 'orders', 8, false, '', now())"
        ),
        "nothing was given up",
    ),
    ("UPDATE notifications_message SET sent_at = NULL", "every message has left"),
    ("DELETE FROM notifications_receivedmail", "every message has arrived"),
    (
        "UPDATE notifications_message SET subject = 'the same'",
        "a customer reads the same in one message only",
    ),
    (
        "DELETE FROM bus_receipt WHERE handler = 'inventory.commit_stock'",
        "every event has been heard by everybody",
    ),
]


def test_whatever_is_broken_on_purpose_is_found(stories: None) -> None:
    missed = [(claim, deed) for deed, claim in _DEEDS if claim not in _broken_by(deed)]

    assert missed == []
    assert {claim for _, claim in _DEEDS} == {*audit.INVARIANTS, "every event has been heard by everybody"}


def _broken_by(deed: str) -> Collection[str]:
    """The claims that no longer hold after the deed, which is undone again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deed)
        broken = audit.broken(ask)
        transaction.set_rollback(True)
    return broken
