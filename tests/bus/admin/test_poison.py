"""An order's news that kills whoever hears it, before real workers; and how an operator gets it done after all."""

import json
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from inventory.models import StockLevel
from orders.events import OrderPlaced
from orders.models import Order
from shop.audit.models import Entry
from shop.bus import subscribe
from shop.bus.models import DeadLetter, Delivery, Receipt
from shop.clock import ShopNow
from shop.users.models import User
from tests.bus.stage import handlers, notes
from tests.conftest import StartWorker
from tests.processes import Worker, eventually
from tests.shopping import place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]

QUEUES = ("orders", "payments", "payments.out", "inventory", "notifications", "notifications.out", "stage")
POISON = 13  # pieces


@pytest.fixture(scope="module")
def worker(start_worker: StartWorker, django_db_blocker: DjangoDbBlocker) -> Iterator[Worker]:
    """All of the shop, and a handler that is no friend of it."""
    with django_db_blocker.unblock():
        started = start_worker(*QUEUES, concurrency=3, SABOTAGE="yes")
    with started as worker:
        yield worker


def _is_put_right(operator: Client, letter: DeadLetter) -> None:
    page = f"/admin/bus/deadletter/{letter.pk}/edit/"
    shown = json.loads(operator.get(page).context["form"]["payload"].value())
    shown["lines"][0]["quantity"] = 1
    operator.post(page, {"payload": json.dumps(shown), "reason": "nobody orders thirteen"})


def _is_retried_once_its_handler_is_mended(operator: Client, letter: DeadLetter) -> None:
    notes.count("mended")
    operator.post(f"/admin/bus/deadletter/{letter.pk}/retry/")


@pytest.mark.parametrize(
    ("mend", "heard", "action"),
    [
        (_is_put_right, 1, "dead_letter.amended"),
        (_is_retried_once_its_handler_is_mended, POISON, "dead_letter.retried"),
    ],
)
def test_poison_hurts_no_order_and_is_done_once_when_it_is_mended(
    worker: Worker,
    operator: Client,
    ada: User,
    mugs: StockLevel,
    *,
    mend: Callable[[Client, DeadLetter], None],
    heard: int,
    action: str,
) -> None:
    subscribe(OrderPlaced, attempts=2)(handlers.sabotage)
    mugs.on_hand = 100
    mugs.save()
    for pieces in (2, POISON, 3, 4):
        place(ada, {"MUG-BLUE": pieces})

    _all_is_done()
    assert set(Order.objects.values_list("status", "payment_status")) == {("confirmed", "captured")}
    assert sorted(notes.numbers("sabotage")) == [2, 3, 4]
    letter = DeadLetter.objects.get()
    assert (letter.handler, letter.attempts, letter.parked) == ("stage.sabotage", 2, False)
    assert "its worker died" in letter.error
    assert worker.process.poll() is None

    mend(operator, letter)
    _all_is_done()
    assert sorted(notes.numbers("sabotage")) == sorted([2, 3, 4, heard])
    assert Receipt.objects.filter(handler="stage.sabotage").count() == 4
    assert not DeadLetter.objects.exists()
    assert set(Order.objects.values_list("status", "payment_status")) == {("confirmed", "captured")}
    assert Entry.objects.get().action == action


def _all_is_done() -> None:
    due = Delivery.objects.filter(due_at__lte=ShopNow())
    in_hand = Delivery.objects.filter(attempts__gt=0)
    eventually(lambda: not due.exists() and not in_hand.exists(), "every delivery is done or given up", seconds=40)
