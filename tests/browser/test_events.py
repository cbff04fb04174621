"""What went wrong is found, tried again, put right, and told anew to who has missed it."""

import json

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from orders.models import Order
from shop.bus.models import DeadLetter, Event, Receipt
from tests.browser.conftest import press
from tests.processes import eventually

pytestmark = pytest.mark.django_db(transaction=True)

_HANDLER = "notifications.send_order_received"


@pytest.fixture
def placed(order: Order) -> Event:
    """The order's first event, which a handler has not heard."""
    event = Event.objects.get(type="order.placed")
    eventually(lambda: Receipt.objects.filter(event_id=event.pk, handler=_HANDLER).exists(), "it was heard at first")
    Receipt.objects.filter(event_id=event.pk, handler=_HANDLER).delete()
    return event


def _die(event: Event, **broken: str) -> DeadLetter:
    """The letter that is left when the handler gives up."""
    told = Event.objects.filter(pk=event.pk).values().get() | {"data": event.data | broken}
    return DeadLetter.objects.create(
        event_id=event.pk,
        handler=_HANDLER,
        queue="notifications.out",
        attempts=8,
        parked=False,
        error="ConnectionError: nobody answers",
        event=json.loads(json.dumps(told, default=str)),
        died_at=timezone.now(),
    )


def _is_heard(event: Event) -> None:
    eventually(lambda: Receipt.objects.filter(event_id=event.pk, handler=_HANDLER).exists(), "it is heard", seconds=30)
    assert not DeadLetter.objects.exists()


def test_the_log_is_searched_and_an_event_shows_what_came_of_it(boss: Page, placed: Event) -> None:
    boss.goto("/admin/bus/event/")

    boss.get_by_label("Order's id, or SKU").fill(placed.partition_key)
    boss.get_by_role("button", name="Look").click()
    boss.get_by_role("link", name="order.placed").click()

    expect(boss.get_by_text("inventory.reserve_stock")).to_be_visible()
    expect(boss.get_by_text("never heard of it")).to_be_visible()


def test_a_dead_letter_is_retried(boss: Page, placed: Event) -> None:
    letter = _die(placed)
    boss.goto(f"/admin/bus/deadletter/{letter.pk}/change/")

    press(boss, "retry")
    boss.get_by_role("button", name="Retry").click()

    expect(boss.get_by_text("1 dead letter delivered anew")).to_be_visible()
    _is_heard(placed)


def test_a_dead_letter_is_put_right_and_retried(boss: Page, placed: Event) -> None:
    letter = _die(placed, order_id="nonsense")
    boss.goto(f"/admin/bus/deadletter/{letter.pk}/edit/")

    payload = boss.get_by_label("Payload")
    payload.fill(payload.input_value().replace("nonsense", placed.partition_key))
    boss.get_by_label("Reason").fill("the id was cut off")
    boss.get_by_role("button", name="Save and retry").click()

    expect(boss.get_by_text("Put right, and delivered anew")).to_be_visible()
    _is_heard(placed)


def test_an_event_is_replayed_after_a_dry_run(boss: Page, placed: Event) -> None:
    boss.goto(f"/admin/bus/event/{placed.pk}/change/")

    boss.get_by_role("link", name="Replay").first.click()
    boss.get_by_role("button", name="Dry run").click()
    expect(boss.get_by_text("1 event looked at")).to_be_visible()
    assert not Receipt.objects.filter(event_id=placed.pk, handler=_HANDLER).exists()
    boss.get_by_role("button", name="Deliver 1").click()

    _is_heard(placed)
