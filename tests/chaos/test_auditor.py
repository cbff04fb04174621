"""The auditor can be trusted: it finds nothing in a shop that is well, and each damage that is done to one by hand."""

from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest
from pytest_django import Settings

from inventory.models import StockLevel
from orders import services
from orders.services import NewLine
from shop.users.models import User
from tests.chaos.auditor import Auditor, judged
from tests.chaos.book import Debt
from tests.processes import database_url
from tests.shopping import ADDRESS, IS_DECLINED, PAYS

pytestmark = pytest.mark.django_db(transaction=True)

Debts = dict[str, Debt]
_KEYS = {"pays": PAYS, "cancels": PAYS, "declined": IS_DECLINED}


@pytest.fixture
def debts(ada: User, mugs: StockLevel, drain_all: Callable[[], None], settings: Settings) -> Debts:
    """Three orders that came to their ends, and what Ada was told of them."""
    settings.EMAIL_BACKEND = "notifications.channels.mailbox.MailboxBackend"
    made = {}
    for key, method in _KEYS.items():
        order = services.place_order(
            customer=ada,
            lines=[NewLine(sku="MUG-BLUE", quantity=2)],
            currency="EUR",
            shipping_address=ADDRESS,
            payment_method=method,
            external_reference=key,
        )
        made[key] = Debt(key, method=method, lines={"MUG-BLUE": 2}, orders={str(order.pk)})
    drain_all()
    (cancelled,) = made["cancels"].orders
    services.cancel_on_request(order_id=cancelled, reason="customer_request", by="customer")  # type: ignore[arg-type]
    drain_all()
    made["cancels"].cancelling = made["cancels"].cancelled = True
    return made


def _found(debts: Debts, *, damage: str = "") -> set[tuple[str, str]]:
    """What is found wrong after some damage, which is done past all constraints and taken back again.

    `:pays` and the like are the orders' ids.
    """
    for key, debt in debts.items():
        damage = damage.replace(f":{key}", next(iter(debt.orders)))
    with psycopg.connect(database_url()) as session, session.transaction(force_rollback=True):
        session.execute("SET LOCAL session_replication_role = replica")
        session.execute(damage)
        return {(finding.what, finding.claim) for finding in judged(session, debts)}


def test_a_shop_that_is_well_has_nothing_to_be_found(debts: Debts) -> None:
    assert _found(debts) == set()
    assert Auditor(database_url()).look() == []
    assert Auditor(database_url()).is_at_rest()


_AGAIN = "INSERT INTO payments_sandbox_book (key, operation, charge, amount, currency, done, code)"

DAMAGES = {
    "an order that is gone": (
        "DELETE FROM orders_order WHERE external_reference = 'declined'",
        ("lost", "a 201 without an order"),
    ),
    "an order that never ends": (
        "UPDATE orders_order SET status = 'placed' WHERE external_reference = 'pays'",
        ("lost", "an order that has not ended"),
    ),
    "an order that ended otherwise": (
        "UPDATE orders_order SET external_reference = 'declined' WHERE external_reference = 'pays'",
        ("wrong", "a 201 with somebody else's order"),
    ),
    "two orders for one key": (
        "UPDATE orders_order SET external_reference = 'pays' WHERE external_reference = 'declined'",
        ("doubled", "one key has two orders"),
    ),
    "an order that nobody sent": (
        "UPDATE orders_order SET external_reference = 'unheard of' WHERE external_reference = 'declined'",
        ("wrong", "an order that nobody sent"),
    ),
    "money taken twice": (
        f"{_AGAIN} VALUES (':pays:capture:2', 'capture', 'ch_:pays:authorise', 2400, 'EUR', true, '')",
        ("doubled", "the gateway was asked twice for the same, or for too much"),
    ),
    "money taken for nothing": (
        f"{_AGAIN} VALUES (gen_random_uuid() || ':authorise', 'authorise', 'ch', 1, 'EUR', true, '')",
        ("doubled", "money moved for an order that does not exist"),
    ),
    "money that was not taken": (
        "DELETE FROM payments_sandbox_book WHERE key = ':pays:capture'",
        ("lost", "a confirmed order whose money was not taken once and in full"),
    ),
    "money that was not given back": (
        "DELETE FROM payments_sandbox_book WHERE operation = 'refund'",
        ("lost", "a cancelled order that holds money"),
    ),
    "stock counted twice": (
        "UPDATE inventory_stocklevel SET reserved = reserved + 2",
        ("doubled", "stock was counted twice, or lost"),
    ),
    "stock that nobody holds": (
        "UPDATE inventory_reservation SET state = 'released' WHERE order_id = ':pays'",
        ("lost", "a confirmed order whose stock is not held"),
    ),
    "stock that was not let go": (
        "UPDATE inventory_reservation SET state = 'held' WHERE order_id = ':declined'",
        ("lost", "a cancelled order that holds stock"),
    ),
    "a mail that left as two": (
        """
        INSERT INTO notifications_receivedmail (message_id, sender, recipients, subject, body, html, received_at)
        SELECT 'another', sender, recipients, subject, body, html, now() FROM notifications_receivedmail LIMIT 1
        """,
        ("doubled", "a mail has left twice, as two"),
    ),
    "a mail that never arrived": (
        "DELETE FROM notifications_receivedmail WHERE subject LIKE 'Receipt%'",
        ("lost", "no mail of kind receipt"),
    ),
    "a dead letter": (
        """
        INSERT INTO bus_deadletter (event_id, handler, queue, attempts, parked, error, died_at)
        VALUES (gen_random_uuid(), 'orders.end_at_deadline', 'orders', 60, false, 'it died', now())
        """,
        ("lost", "a dead letter"),
    ),
}


def test_each_damage_is_found_for_what_it_is(debts: Debts) -> None:
    overlooked = {name for name, (damage, claim) in DAMAGES.items() if claim not in _found(debts, damage=damage)}

    assert overlooked == set()


def test_a_cancellation_that_was_promised_and_is_not_there_is_found(debts: Debts) -> None:
    told = debts | {"pays": replace(debts["pays"], cancelled=True)}

    assert _found(told) == {("wrong", "not the ending that its customer was to expect")}


def test_an_order_that_should_have_gone_well_and_did_not_is_found(debts: Debts) -> None:
    told = debts | {"declined": replace(debts["declined"], method=PAYS)}

    assert _found(told) == {("wrong", "not the ending that its customer was to expect")}


def test_the_story_of_an_order_has_its_events_and_its_money(debts: Debts) -> None:
    (order,) = debts["cancels"].orders

    story = Auditor(database_url()).story(order)

    assert "order.cancelled" in story
    assert f"{order}:refund:" in story
