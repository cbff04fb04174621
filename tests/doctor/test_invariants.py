"""The doctor is examined too: whatever is broken on purpose, it finds, and of what is well it finds nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from inventory.models import StockLevel
from orders import services
from orders.models import Party
from orders.services import ReturnedPieces
from payments import services as payments
from payments.models import Payment
from shop.doctor import examine, known
from shop.users.models import User
from tests.shopping import IS_DECLINED, place

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stories(ada: User, mugs: StockLevel, settings: Settings, drain_all: Callable[[], None]) -> None:
    """One order came back, one has a part refunded, one was cancelled, one declined, and one waits for its customer."""
    settings.EMAIL_BACKEND = "notifications.channels.mailbox.MailboxBackend"
    returned, confirmed, cancelled = (place(ada, {"MUG-BLUE": pieces}) for pieces in (1, 2, 3))
    place(ada, {"MUG-BLUE": 1}, method=IS_DECLINED)
    drain_all()
    services.ship(order_id=returned.pk, carrier="Pigeon Post")
    services.take_back(order_id=returned.pk, pieces=[ReturnedPieces(sku="MUG-BLUE", quantity=1)])
    services.cancel_on_request(order_id=cancelled.pk, reason="fraud", by=Party.STAFF)
    payment = Payment.objects.get(order_id=confirmed.pk)
    payments.refund(payment_id=payment.pk, amount=100, reason="Late", by=ada)
    drain_all()
    place(ada, {"MUG-BLUE": 1}, method="pm_card_threeDSecure2Required")
    drain_all()


_OLD = "now() - interval '1 hour'"
_CONFIRMED = "(SELECT id FROM orders_order WHERE status = 'confirmed')"
_CANCELLED = "(SELECT id FROM orders_order WHERE cancellation_reason = 'fraud')"
_PLACED = "(SELECT id FROM orders_order WHERE status = 'placed')"

_DEEDS = [
    (
        "DELETE FROM bus_event WHERE type = 'order.confirmed' AND sequence = 2",
        "a subject's events are numbered without gap or repeat",
    ),
    (
        "UPDATE bus_event SET sequence = 1 WHERE type = 'order.confirmed'",
        "a subject's events are numbered without gap or repeat",
    ),
    ("UPDATE bus_subject SET sequence = sequence + 1", "a subject's counter stands at its last event"),
    (
        (
            "DELETE FROM bus_receipt WHERE handler = 'payments.take_payment'"
            " AND event_id = (SELECT max(id::text)::uuid FROM bus_event WHERE type = 'order.confirmed')"
        ),
        "every event was heard by each of its handlers, or will be, or is a dead letter",
    ),
    ("UPDATE bus_delivery SET attempts = 99", "nothing is tried more often than its handler allows"),
    (
        f"UPDATE bus_delivery SET due_at = {_OLD}",
        "what is due is being done: nothing has waited for more than a minute",
    ),
    (
        (
            "INSERT INTO bus_deadletter (event_id, handler, queue, attempts, parked, error, died_at)"
            " VALUES (gen_random_uuid(), 'a.b', 'a', 8, false, 'no', now())"
        ),
        "nothing was given up",
    ),
    ("UPDATE orders_order SET total = total + 1", "an order costs what its lines cost"),
    ("DELETE FROM orders_orderline", "an order costs what its lines cost"),
    (
        "UPDATE orders_orderline SET shipped = 0, returned = 0",
        "of a line has left what its shipments say, and come back what its returns say",
    ),
    (
        "UPDATE orders_orderline SET returned = 0",
        "of a line has left what its shipments say, and come back what its returns say",
    ),
    (
        f"UPDATE orders_order SET stock_status = 'released' WHERE id = {_CONFIRMED}",
        "an order that we said to deliver has its stock and its money",
    ),
    (
        f"UPDATE orders_order SET payment_status = 'voided' WHERE id = {_CONFIRMED}",
        "an order that we said to deliver has its stock and its money",
    ),
    (
        "DELETE FROM bus_delivery WHERE queue = 'orders'",
        "an order that is neither confirmed nor cancelled has a deadline before it",
    ),
    (
        f"DELETE FROM bus_event WHERE type = 'order.placed' AND partition_key = {_CONFIRMED}::text",
        "every order was told, and no order is told that does not exist",
    ),
    (
        f"DELETE FROM orders_orderline WHERE order_id = {_PLACED}; DELETE FROM orders_order WHERE id = {_PLACED}",
        "every order was told, and no order is told that does not exist",
    ),
    (
        "UPDATE inventory_stocklevel SET reserved = reserved + 1",
        "so many pieces are reserved as live reservations hold",
    ),
    (
        f"UPDATE inventory_reservation SET state = 'released' WHERE order_id = {_CONFIRMED}",
        "so many pieces are reserved as live reservations hold",
    ),
    ("UPDATE inventory_stocklevel SET on_hand = 99", "so many pieces are on hand as the book of movements says"),
    (
        "DELETE FROM inventory_movement WHERE cause = 'returned'",
        "so many pieces are on hand as the book of movements says",
    ),
    (
        f"UPDATE inventory_reservation SET state = 'committed' WHERE order_id = {_CANCELLED}",
        "a cancelled order holds nothing",
    ),
    (
        f"UPDATE inventory_reservation SET expires_at = {_OLD} WHERE state = 'held'",
        "a hold that nobody committed to ends at its time",
    ),
    (
        "DELETE FROM inventory_movement WHERE cause = 'shipped'",
        "of a reservation has left what the book of movements says",
    ),
    (
        "UPDATE payments_payment SET captured = 1, refunded = 0 WHERE status = 'captured'",
        "so much was taken and given back as the gateway has said",
    ),
    ("UPDATE payments_refund SET amount = amount + 1", "so much was taken and given back as the gateway has said"),
    (
        f"UPDATE payments_payment SET wish = 'take' WHERE order_id = {_CANCELLED}",
        "a cancelled order keeps no money",
    ),
    (
        f"UPDATE payments_payment SET status = 'captured', refunded = 0 WHERE order_id = {_CANCELLED}",
        "a cancelled order keeps no money",
    ),
    (
        f"UPDATE payments_payment SET status = 'authorized' WHERE order_id = {_CONFIRMED}",
        "the money of a confirmed order is taken, or about to be",
    ),
    (
        f"UPDATE payments_payment SET wish = 'hold' WHERE order_id = {_CONFIRMED}",
        "the money of a confirmed order is taken, or about to be",
    ),
    (
        f"UPDATE payments_payment SET busy = true WHERE order_id = {_CONFIRMED}",
        "whoever waits for the gateway has a call before them, or a dead letter",
    ),
    (
        "DELETE FROM payments_sandbox_book WHERE operation = 'capture'",
        "the gateway's own book agrees, but for calls that are under way",
    ),
    (
        (
            "INSERT INTO payments_sandbox_book (key, operation, charge, amount, currency, done, code)"
            " VALUES (gen_random_uuid() || ':capture', 'capture', 'x', 2400, 'EUR', true, '')"
        ),
        "the gateway's own book agrees, but for calls that are under way",
    ),
    (
        "UPDATE notifications_message SET sent_at = NULL WHERE channel = 'email'",
        "a mail has left, or was refused, or is on its way, or a dead letter",
    ),
    (
        (
            "INSERT INTO notifications_alert (version, id, kind, count, examples, opened_at)"
            " VALUES (1, gen_random_uuid(), 'stock_low', 1, '[]', now())"
        ),
        "an alert that gathers will be told, or is a dead letter",
    ),
]


def _broken() -> set[str]:
    since = timezone.now() - timedelta(days=1)
    return {finding.invariant.claim for finding in examine(since=since) if finding.broken}


def test_a_shop_that_is_well_breaks_nothing(stories: None) -> None:
    assert _broken() == set()


def test_whatever_is_broken_on_purpose_is_found(stories: None) -> None:
    unfound = []
    for deed, claim in _DEEDS:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL session_replication_role = replica")
                cursor.execute(deed)
            if claim not in _broken():
                unfound.append(deed)
            transaction.set_rollback(True)

    assert unfound == []
    assert {claim for _, claim in _DEEDS} == {each.claim for several in known().values() for each in several}


def test_every_invariant_says_what_to_do_first() -> None:
    every = [each for several in known().values() for each in several]

    assert all(each.remedy.endswith(".") for each in every)
    assert len({each.claim for each in every}) == len(every)
