"""The story of an order, as its customer and as staff read it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from inventory.models import StockLevel
from orders.api.serializers.events import _IN_WORDS
from orders.models import Order
from shop.bus.event import events as declared
from shop.bus.models import DeadLetter, Delivery
from shop.users.models import User
from tests.keys import client_of
from tests.news import payment_authorized, tell
from tests.orders.api.customers import ORDERS, get, post
from tests.shopping import order_json, place


@pytest.fixture
def staff(db: None) -> APIClient:
    return client_of(User.objects.create_user("staff@example.com", is_staff=True, is_superuser=True))


@pytest.fixture
def order(ada: User, mugs: StockLevel) -> Order:
    return place(ada, {"MUG-BLUE": 2})


def _story(client: APIClient, order: Order) -> list[dict[str, Any]]:
    response = get(client, order, "/events")
    assert response.status_code == 200
    results: list[dict[str, Any]] = response.json()["results"]
    return results


def _states(chapter: dict[str, Any]) -> dict[str, tuple[str, int]]:
    return {each["handler"]: (each["state"], each["attempts"]) for each in chapter["handlers"]}


def test_staff_see_of_a_new_order_what_is_still_to_be_done(staff: APIClient, api: APIClient, mugs: StockLevel) -> None:
    placed = post(api, order_json())

    (chapter,) = _story(staff, Order.objects.get())

    assert (chapter["type"], chapter["sequence"]) == ("order.placed", 1)
    assert chapter["subject"] == f"orders/{placed.json()['id']}"
    assert chapter["causationid"] == chapter["correlationid"] == placed["X-Request-Id"]
    assert _states(chapter) == dict.fromkeys(
        (
            "inventory.reserve_stock",
            "notifications.send_order_received",
            "orders.end_at_deadline",
            "payments.authorise_payment",
        ),
        ("due", 0),
    )


def test_staff_see_causes_and_what_was_done(
    staff: APIClient, api: APIClient, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    placed = post(api, order_json())
    drain_all()

    chapters = _story(staff, Order.objects.get())

    by_type = {chapter["type"]: chapter for chapter in chapters}
    assert next(iter(by_type)) == "order.placed"
    assert {"stock.reserved", "payment.authorized", "order.confirmed", "payment.captured"} <= set(by_type)
    causes = {name: by_id["type"] for name, chapter in by_type.items() if (by_id := _cause(chapter, chapters))}
    assert causes["stock.reserved"] == "order.placed"
    assert causes["order.confirmed"] in {"stock.reserved", "payment.authorized"}
    assert causes["payment.captured"] == "payment.attempt_opened"
    assert {chapter["correlationid"] for chapter in chapters} == {placed["X-Request-Id"]}
    assert _states(by_type["order.confirmed"]) == {
        "inventory.commit_stock": ("done", 1),
        "payments.take_payment": ("done", 1),
        "notifications.send_order_confirmed": ("done", 1),
    }
    times = [chapter["time"] for chapter in chapters]
    assert times == sorted(times)


def _cause(chapter: dict[str, Any], chapters: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((each for each in chapters if each["id"] == chapter["causationid"]), None)


def test_staff_see_what_was_given_up(staff: APIClient, order: Order) -> None:
    tell(payment_authorized(order.pk))
    delivery = Delivery.objects.get(handler="orders.note_payment_authorized")
    DeadLetter.objects.create(
        event_id=delivery.event_id,
        handler=delivery.handler,
        queue=delivery.queue,
        attempts=8,
        parked=False,
        error="it would not",
        event=None,
        died_at=datetime.now(UTC),
    )
    delivery.delete()

    chapters = {chapter["type"]: chapter for chapter in _story(staff, order)}

    assert _states(chapters["payment.authorized"])["orders.note_payment_authorized"] == ("dead", 8)


def test_the_story_tells_nobody_of_the_errors_inside(api: APIClient, staff: APIClient, order: Order) -> None:
    Delivery.objects.update(error="psycopg.errors.Something: secrets")

    assert all("secrets" not in get(client, order, "/events").content.decode() for client in (api, staff))


def test_a_customer_reads_in_plain_words_what_happened_and_what_led_to_it(
    api: APIClient, ada: User, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    order = place(ada, {"MUG-BLUE": 2})
    drain_all()

    chapters = _story(api, order)

    assert {frozenset(chapter) for chapter in chapters} == {frozenset({"id", "type", "time", "summary", "caused_by"})}
    by_type = {chapter["type"]: chapter for chapter in chapters}
    assert set(by_type) == {
        "order.placed",
        "stock.reserved",
        "payment.authorized",
        "order.confirmed",
        "payment.captured",
    }
    assert by_type["order.placed"]["summary"] == "We have received the order."
    assert by_type["order.placed"]["caused_by"] is None
    assert by_type["payment.captured"]["caused_by"] == {
        "id": by_type["order.confirmed"]["id"],
        "type": "order.confirmed",
    }


def test_whatever_happens_to_orders_is_told_to_customers_or_left_out_on_purpose() -> None:
    """A new event of an order is one or the other, and whoever adds it decides."""
    of_orders = {
        event.name for event in declared.values() if event.key_field == "order_id" and event.source != "/stage"
    }

    assert of_orders - set(_IN_WORDS) == {"payment.attempt_opened"}


def test_a_story_that_is_known_is_not_sent_again(api: APIClient, order: Order) -> None:
    first = get(api, order, "/events")

    again = api.get(f"{ORDERS}/{order.pk}/events", headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, first["Cache-Control"]) == (304, "no-store")


def test_reading_a_story_asks_the_database_as_often_however_long_it_is(
    api: APIClient, order: Order, drain_all: Callable[[], None]
) -> None:
    with CaptureQueriesContext(connection) as short:
        get(api, order, "/events")
    drain_all()
    with CaptureQueriesContext(connection) as long:
        get(api, order, "/events")

    assert len(short) == len(long) <= 7
