"""What the doctor mends: damages that stand in the database, named exactly, mended, and everything is well again."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings
from redis import Redis
from uuid_utils.compat import uuid7

from inventory import services as inventory
from inventory.models import Reservation, StockLevel
from orders.models import Order, Party
from orders.services import cancel_on_request
from payments.models import Attempt, Payment
from shop.audit.models import Entry
from shop.bus import bells, lanes
from shop.bus.models import Delivery, Receipt
from shop.bus.models import Event as LoggedEvent
from shop.bus.repairs import DELIVER
from shop.bus.tasks import drain
from shop.doctor.repairing import Outcome, treat
from shop.users.models import User
from tests import books
from tests.conftest import Clock, StartWorker
from tests.doctor.conftest import Broken
from tests.processes import eventually
from tests.shopping import place

pytestmark = pytest.mark.django_db(transaction=True)

HEARD = "every event was heard by each of its handlers, or will be, or is a dead letter"
ENDS = "an order that is neither confirmed nor cancelled has a deadline before it"
HELD_FOR = "pieces are held for orders that were placed"
BOOK = "the gateway's own book agrees, but for calls that are under way"
WAITS = "whoever waits for the gateway has a call before them, or a dead letter"
MOVES = "money that is not where it is wished is on its way"
EXPIRES = "a hold that nobody committed to ends at its time"
CANCELLED_HOLDS = "a cancelled order holds nothing"

Drain = Callable[[], None]


@pytest.fixture(autouse=True)
def _mailbox(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "notifications.channels.mailbox.MailboxBackend"


@pytest.fixture
def redis(settings: Settings) -> Iterator[Redis]:
    with Redis.from_url(settings.REDIS_URL) as client:
        yield client


def _damage(deed: str, *values: Any) -> None:
    """By somebody with `psql` who knows how to switch the foreign keys off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL session_replication_role = replica")
        cursor.execute(deed, values)


def _repair(*, dry_run: bool = False) -> list[Outcome]:
    since = timezone.now() - timedelta(days=1)
    return [outcome for each in treat(since=since, dry_run=dry_run) for outcome in each.outcomes or ()]


def _how(outcomes: list[Outcome]) -> list[str]:
    return [outcome.how for outcome in outcomes]


def _noted() -> list[tuple[str, str, str]]:
    return list(Entry.objects.order_by("id").values_list("command", "action", "subject"))


def test_a_lost_delivery_is_named_and_written_again(
    ada: User, mugs: StockLevel, drain_all: Drain, broken: Broken
) -> None:
    order = place(ada, {"MUG-BLUE": 2})
    _damage("DELETE FROM bus_delivery WHERE handler = 'inventory.reserve_stock'")
    event = LoggedEvent.objects.get(type="order.placed")
    assert broken() == {HEARD}

    (outcome,) = _repair()
    drain_all()

    assert (outcome.how, outcome.row["number"], outcome.row["key"]) == ("mended", str(order.number), str(order.pk))
    assert _noted() == [("doctor --repair", "delivery.written", f"events/{event.pk}")]
    assert Order.objects.get().status == "confirmed"
    assert broken() == set()
    assert _repair() == []


def test_what_was_heard_in_the_meantime_is_not_delivered_again(ada: User, mugs: StockLevel) -> None:
    place(ada, {"MUG-BLUE": 2})
    _damage("DELETE FROM bus_delivery WHERE handler = 'inventory.reserve_stock'")
    event = LoggedEvent.objects.get(type="order.placed")
    receipt = Receipt(event_id=event.pk, handler="inventory.reserve_stock", attempts=1, done_at=timezone.now())
    receipt.save(force_insert=True)

    with transaction.atomic():
        mended = DELIVER.mend({"event_id": event.pk, "handler": "inventory.reserve_stock"})

    assert mended is None
    assert not Delivery.objects.filter(handler="inventory.reserve_stock").exists()


def test_a_dry_run_says_what_would_be_mended_and_mends_nothing(ada: User, mugs: StockLevel, broken: Broken) -> None:
    place(ada, {"MUG-BLUE": 2})
    _damage("DELETE FROM bus_delivery WHERE handler = 'inventory.reserve_stock'")

    assert _how(_repair(dry_run=True)) == ["mended"]

    assert broken() == {HEARD}
    assert not Entry.objects.exists()


def test_a_reservation_without_an_order_is_named_and_released(
    mugs: StockLevel, drain_all: Drain, broken: Broken
) -> None:
    order_id = uuid7()
    until = timezone.now() + timedelta(hours=1)
    inventory.reserve(orders=[inventory.Wanted(order_id=order_id, quantities={"MUG-BLUE": 3}, expires_at=until)])
    drain_all()
    assert broken() == {HELD_FOR}

    (outcome,) = _repair()
    drain_all()

    reservation = Reservation.objects.get()
    assert (outcome.how, outcome.row["order_id"], outcome.row["pieces"]) == ("mended", order_id, "3 MUG-BLUE")
    assert _noted() == [("doctor --repair", "reservation.released", f"reservations/{reservation.pk}")]
    assert (Entry.objects.get().before or {})["held"] == {"MUG-BLUE": 3}
    assert StockLevel.objects.get().reserved == 0
    assert broken() == set()
    assert _repair() == []


def test_a_reservation_whose_order_others_have_told_of_is_left(stories: None, drain_all: Drain, broken: Broken) -> None:
    before = set(Reservation.objects.values_list("state", "version"))
    confirmed = Order.objects.get(status="confirmed")
    _damage("DELETE FROM bus_event WHERE type = 'order.placed' AND partition_key = %s", str(confirmed.pk))

    (outcome,) = _repair()

    assert outcome.how == "left"
    assert "others have told of this order" in outcome.why
    assert set(Reservation.objects.values_list("state", "version")) == before
    assert not Entry.objects.exists()


def test_a_charge_that_only_the_gateway_knows_is_named_and_left_to_a_person(stories: None, broken: Broken) -> None:
    order = Order.objects.get(status="confirmed")
    _damage(
        "INSERT INTO payments_sandbox_book (key, operation, charge, amount, currency, done, code)"
        " VALUES (%s, 'capture', 'ch_once_more', 2400, 'EUR', true, '')",
        f"{order.pk}:capture:again",
    )

    (found,) = [
        each.finding for each in treat(since=timezone.now() - timedelta(days=1), dry_run=False) if each.finding.broken
    ]

    assert found.invariant.claim == BOOK
    assert [(row["key"], row["amount"], row["here"]) for row in found.broken] == [
        (f"{order.pk}:capture:again", 2400, "unknown")
    ]
    assert not Entry.objects.exists()
    assert broken() == {BOOK}


def test_what_the_gateway_has_never_seen_and_what_it_saw_otherwise_is_named(stories: None, broken: Broken) -> None:
    order = Order.objects.get(status="confirmed")
    _damage("DELETE FROM payments_sandbox_book WHERE key = %s", f"{order.pk}:capture")
    _damage("UPDATE payments_sandbox_book SET amount = 1 WHERE key = %s", f"{order.pk}:authorise")

    rows = [
        row for each in treat(since=timezone.now() - timedelta(days=1), dry_run=False) for row in each.finding.broken
    ]

    assert {(row["order_number"], row["operation"], row["here"]) for row in rows} == {
        (str(order.number), "authorise", "succeeded, payment captured"),
        (str(order.number), "capture", "succeeded"),
    }
    assert broken() == {BOOK}


def test_money_that_was_set_free_and_is_held_all_the_same_is_named(
    stories: None, drain_all: Drain, broken: Broken
) -> None:
    order = Order.objects.get(status="placed")
    cancel_on_request(order_id=order.pk, reason="fraud", by=Party.STAFF)
    drain_all()
    assert broken() == set()
    _damage("UPDATE payments_sandbox_book SET done = true, code = '' WHERE key = %s", f"{order.pk}:authorise")

    (row,) = [
        row for each in treat(since=timezone.now() - timedelta(days=1), dry_run=False) for row in each.finding.broken
    ]

    assert (row["order_number"], row["here"], row["there"]) == (str(order.number), "set free", "held")
    assert broken() == {BOOK}


def test_a_stuck_order_is_named_and_ended_once_its_time_is_over(
    stories: None, drain_all: Drain, broken: Broken, clock: Clock
) -> None:
    stuck = Order.objects.get(status="placed")
    _damage(
        "WITH lost AS (DELETE FROM bus_delivery WHERE queue = 'orders' RETURNING event_id, handler)"
        " INSERT INTO bus_receipt (event_id, handler, attempts, done_at) SELECT event_id, handler, 1, now() FROM lost"
    )
    assert broken() == {ENDS}

    (early,) = _repair()
    assert (early.how, early.row["number"], early.row["order_id"]) == ("left", stuck.number, stuck.pk)
    assert "it has until" in early.why

    clock.forward(timedelta(minutes=91))
    drain_all()
    (outcome,) = _repair()
    drain_all()

    stuck.refresh_from_db()
    assert outcome.how == "mended"
    assert (stuck.status, stuck.cancellation_reason, stuck.cancelled_by) == (
        "cancelled",
        "payment_timeout",
        "system",
    )
    assert _noted() == [("doctor --repair", "order.cancelled", f"orders/{stuck.pk}")]
    told = LoggedEvent.objects.get(type="order.cancelled", partition_key=str(stuck.pk))
    assert (told.actor, told.correlation_id) == ("command:doctor", Entry.objects.get().request)
    assert broken() == set()
    assert _repair() == []


@pytest.mark.parametrize("outcome", ["open", "sent"])
def test_an_unknown_answer_is_asked_for_under_the_same_key(
    outcome: str, ada: User, mugs: StockLevel, drain_all: Drain, broken: Broken
) -> None:
    order = place(ada, {"MUG-BLUE": 2})
    drain_all()
    _damage("UPDATE payments_attempt SET outcome = %s, settled_at = NULL WHERE operation = 'capture'", outcome)
    _damage("UPDATE payments_payment SET busy = true, status = 'authorized', captured = 0")
    assert broken() == {WAITS}

    (asked,) = _repair()
    drain_all()

    assert (asked.how, asked.row["order_number"]) == ("mended", str(order.number))
    assert books.operations(order.pk) == ["authorise", "capture"]
    assert Attempt.objects.get(operation="capture").outcome == "succeeded"
    assert broken() == {"of no payment is told twice what happens once"}  # as was made to happen twice, by hand
    assert _repair() == []


def test_who_waits_for_the_gateway_and_has_asked_nothing_waits_no_more(stories: None, broken: Broken) -> None:
    _damage("UPDATE payments_payment SET busy = true WHERE status = 'captured'")
    assert broken() == {WAITS}

    assert _how(_repair()) == ["mended"]

    assert not Payment.objects.filter(busy=True).exists()
    assert broken() == set()


def test_who_waits_for_an_answer_that_the_log_has_lost_is_left(ada: User, mugs: StockLevel, drain_all: Drain) -> None:
    place(ada, {"MUG-BLUE": 2})
    drain_all()
    _damage("UPDATE payments_attempt SET outcome = 'sent', settled_at = NULL WHERE operation = 'capture'")
    _damage("UPDATE payments_payment SET busy = true, status = 'authorized', captured = 0")
    _damage("DELETE FROM bus_event WHERE type = 'payment.attempt_opened'")

    (outcome,) = _repair()

    assert outcome.how == "left"
    assert "the log has lost what opened it" in outcome.why


def test_money_that_rests_where_it_should_not_moves_on(stories: None, drain_all: Drain, broken: Broken) -> None:
    order = Order.objects.get(status="confirmed")
    _damage("UPDATE payments_payment SET wish = 'give_back' WHERE order_id = %s", order.pk)
    assert broken() == {MOVES}

    (outcome,) = _repair()
    drain_all()

    order.refresh_from_db()
    assert outcome.how == "mended"
    assert books.balance(order.pk) == books.NOTHING
    assert (order.status, order.cancellation_reason) == ("cancelled", "refunded")
    assert broken() == set()


def test_what_the_database_refuses_is_left_and_the_rest_is_mended(
    stories: None, drain_all: Drain, broken: Broken
) -> None:
    """Its capture was made already, and there is one of each."""
    _damage("UPDATE payments_payment SET status = 'authorized' WHERE status = 'captured'")
    _damage("UPDATE inventory_reservation SET expires_at = now() - interval '1 hour' WHERE state = 'held'")

    outcomes = _repair()

    assert _how(outcomes) == ["left", "left", "mended"]
    assert "duplicate key" in outcomes[0].why
    assert EXPIRES not in broken()


def test_a_hold_past_its_time_is_ended(stories: None, drain_all: Drain, broken: Broken) -> None:
    waiting = Order.objects.get(status="placed")
    _damage("UPDATE inventory_reservation SET expires_at = now() - interval '1 hour' WHERE state = 'held'")
    assert broken() == {EXPIRES}

    (outcome,) = _repair()
    drain_all()

    waiting.refresh_from_db()
    assert (outcome.how, outcome.row["number"]) == ("mended", str(waiting.number))
    assert (waiting.status, waiting.cancellation_reason) == ("cancelled", "stock_timeout")
    assert broken() == set()


def test_what_a_cancelled_order_holds_is_released(stories: None, drain_all: Drain, broken: Broken) -> None:
    cancelled = Order.objects.get(cancellation_reason="fraud")
    _damage("UPDATE inventory_reservation SET state = 'committed' WHERE order_id = %s", cancelled.pk)
    _damage("UPDATE inventory_stocklevel SET reserved = reserved + 3")
    assert broken() == {CANCELLED_HOLDS}

    assert _how(_repair()) == ["mended"]
    drain_all()

    assert Reservation.objects.get(order_id=cancelled.pk).state == "released"
    assert CANCELLED_HOLDS not in broken()


def test_money_of_a_cancelled_order_goes_back(ada: User, mugs: StockLevel, drain_all: Drain, broken: Broken) -> None:
    order = place(ada, {"MUG-BLUE": 2})
    drain_all()
    cancel_on_request(order_id=order.pk, reason="fraud", by=Party.STAFF)
    _damage(
        "WITH lost AS (DELETE FROM bus_delivery WHERE queue = 'payments' RETURNING event_id, handler)"
        " INSERT INTO bus_receipt (event_id, handler, attempts, done_at) SELECT event_id, handler, 1, now() FROM lost"
    )
    drain_all()
    assert broken() == {"a cancelled order keeps no money"}

    assert _how(_repair()) == ["mended"]
    drain_all()

    assert books.balance(order.pk) == books.NOTHING
    assert broken() == set()


def test_what_waits_for_ever_is_due_now(stories: None, drain_all: Drain, broken: Broken) -> None:
    _damage("UPDATE bus_delivery SET attempts = 1, due_at = now() + interval '3 days' WHERE queue = 'inventory'")
    number = Delivery.objects.filter(queue="inventory").count()
    assert broken() == {"what was tried is tried again, or its lease ends, within the longest wait"}

    assert _how(_repair()) == ["mended"] * number
    drain_all()

    assert not Delivery.objects.filter(queue="inventory").exists()
    assert broken() == set()


def test_who_sleeps_over_due_work_is_rung(
    stories: None, broken: Broken, start_worker: StartWorker, redis: Redis, tmp_path: Path
) -> None:
    """Nothing but the doctor wakes this worker: its sweep is off, and what is due became so in silence."""
    redis.delete("inventory")  # bells that nobody has heard
    progress = tmp_path / "progress"
    with start_worker("inventory", BUS_SWEEP_SECONDS="3600", PROGRESS_FILE=str(progress)):
        eventually(progress.exists, "it has looked once")
        _damage("UPDATE bus_delivery SET due_at = now() - interval '2 minutes' WHERE queue = 'inventory'")
        assert broken() == {"what is due is being done: nothing has waited for more than a minute"}

        (outcome,) = _repair()

        assert (outcome.how, outcome.row["queue"]) == ("mended", "inventory")
        eventually(lambda: not Delivery.objects.filter(queue="inventory").exists(), "it was woken")
    assert _noted() == [("doctor --repair", "queue.rung", "queues/inventory")]


def test_what_a_dead_drain_had_is_taken_over_and_what_a_living_one_has_is_left(
    stories: None, drain_all: Drain, broken: Broken
) -> None:
    waiting = Delivery.objects.filter(queue="payments.out")
    _damage(
        "INSERT INTO bus_marker (queue, lane, seqs, since) VALUES ('payments.out', 0, '{7}', now() - interval '1 hour')"
        " ON CONFLICT (queue, lane) DO UPDATE SET seqs = excluded.seqs, since = excluded.since"
    )
    assert broken() == {"what a drain has in hand it lets go of, and what a dead one had is taken over"}

    with lanes.held("payments.out", 0):
        (held,) = _repair()
    (free,) = _repair()
    drain.run("payments.out")

    assert (held.how, free.how) == ("left", "mended")
    assert "start its worker again" in held.why
    assert broken() == set()
    assert not waiting.exists()


def test_without_redis_nobody_is_rung(stories: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(bells, "_belfry", None)
    _damage("UPDATE bus_delivery SET due_at = now() - interval '2 minutes' WHERE queue = 'inventory'")

    (outcome,) = _repair()

    assert outcome.how == "left"
    assert "Redis does not answer" in outcome.why
