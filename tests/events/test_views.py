"""The feed and the catalogue, as clients get them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.core import signing
from django.db import connection
from rest_framework.test import APIClient

from inventory.models import StockLevel
from orders.models import Order
from shop.bus.models import Event
from shop.users.models import User
from tests.keys import client_of
from tests.problems import problem_of
from tests.shopping import order_json, place

pytestmark = pytest.mark.django_db(transaction=True)

FEED = "/api/v1/events"
TYPES = "/api/v1/event-types"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def order(ada: User, mugs: StockLevel) -> Order:
    """An order of Ada's; two events stand in the log with the mugs that were put on the shelf."""
    return place(ada, {"MUG-BLUE": 2})


# --- The feed -----------------------------------------------------------------------------------------------


def test_the_feed_tells_what_happened_as_cloudevents(api: APIClient, staff: APIClient, mugs: StockLevel) -> None:
    headers = {"Idempotency-Key": "k", "traceparent": TRACE}
    placed = api.post("/api/v1/orders", order_json(), format="json", headers=headers)

    told = staff.get(FEED, {"type": "order.placed"})

    (event,) = told.json()["results"]
    order_id, logged = placed.json()["id"], Event.objects.get(type="order.placed")
    assert UUID(event.pop("id")) == logged.pk
    assert datetime.fromisoformat(event.pop("time")) == logged.time
    assert event.pop("data")["lines"] == [{"sku": "MUG-BLUE", "name": "Blue mug", "quantity": 2, "unit_price": 1200}]
    assert event == {
        "specversion": "1.0",
        "source": "/orders",
        "type": "order.placed",
        "subject": f"orders/{order_id}",
        "datacontenttype": "application/json",
        "dataschema": "http://testserver/api/v1/event-types/order.placed/1",
        "sequence": 1,
        "partitionkey": order_id,
        "correlationid": placed["X-Request-Id"],
        "causationid": placed["X-Request-Id"],
        "actor": logged.actor,
        "traceparent": TRACE,
    }


def test_an_event_without_a_trace_says_nothing_of_one(staff: APIClient, order: Order) -> None:
    (event,) = staff.get(FEED, {"type": "order.placed"}).json()["results"]

    assert "traceparent" not in event


def test_following_next_leads_to_the_end_and_the_end_stays_where_it_is(staff: APIClient, order: Order) -> None:
    pages = list(_follow(staff, f"{FEED}?limit=1"))

    assert [len(page.results) for page in pages] == [1] * (len(pages) - 1) + [0]
    assert [UUID(event["id"]) for page in pages for event in page.results] == _logged()
    assert pages[-1].next == pages[-1].asked


def test_what_happens_later_is_found_where_the_end_was(
    staff: APIClient, order: Order, ada: User, mugs: StockLevel
) -> None:
    *_, end = _follow(staff, FEED)
    place(ada, {"MUG-BLUE": 1})

    told = staff.get(end.next).json()["results"]

    assert [event["type"] for event in told] == ["order.placed"]


def test_an_empty_log_is_asked_again_at_the_same_address(staff: APIClient) -> None:
    Event.objects.all().delete()

    assert staff.get(f"{FEED}?limit=5").json() == {"results": [], "next": f"{FEED}?limit=5"}


def test_next_stands_in_a_link_too_and_nobody_keeps_the_answer(staff: APIClient, order: Order) -> None:
    told = staff.get(FEED)

    assert told["Link"] == f'<{told.json()["next"]}>; rel="next"'
    assert told["Cache-Control"] == "no-store"


def test_who_polls_at_the_end_need_not_get_the_same_page_again(staff: APIClient, order: Order) -> None:
    end = staff.get(staff.get(FEED).json()["next"])

    again = staff.get(end.json()["next"], headers={"If-None-Match": end["ETag"]})

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("type=order.placed", {"order.placed"}),
        ("type=order.placed&type=stock.changed", {"order.placed", "stock.changed"}),
        ("type=order.placed,stock.changed", {"order.placed", "stock.changed"}),
        ("type=order.cancelled", set()),
    ],
)
def test_the_feed_can_be_narrowed_to_types(staff: APIClient, order: Order, query: str, types: set[str]) -> None:
    told = [event for page in _follow(staff, f"{FEED}?{query}") for event in page.results]

    assert {event["type"] for event in told} == types


def test_the_feed_can_be_narrowed_to_a_subject(staff: APIClient, order: Order) -> None:
    told = [event for page in _follow(staff, f"{FEED}?subject=orders/{order.pk}") for event in page.results]

    assert [event["type"] for event in told] == ["order.placed"]


def test_no_more_than_a_hundred_come_at_once(staff: APIClient, order: Order) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bus_event (id, type, version, source, subject, sequence, partition_key, time, correlation_id,"
            " causation_id, actor, traceparent, data) SELECT uuidv7(), type, version, source, subject, sequence + n,"
            " partition_key, time, correlation_id, causation_id, actor, traceparent, data"
            " FROM bus_event, generate_series(1, 150) AS n WHERE type = 'order.placed'"
        )

    assert len(staff.get(f"{FEED}?limit=1000").json()["results"]) == 100


# --- What the feed refuses ----------------------------------------------------------------------------------


def test_a_forged_cursor_is_refused(staff: APIClient, order: Order) -> None:
    (cursor,) = parse_qs(urlsplit(staff.get(FEED).json()["next"]).query)["after"]
    forged = signing.Signer(salt="another").sign_object(["1", 0, 0, UUID(int=0).hex])

    for after in ("", "x", "\0", cursor[:-1], f"{cursor}x", "e30:x", forged, "ä" * 5000):
        problem = problem_of(staff.get(FEED, {"after": after}), 400, "invalid")
        assert [error["code"] for error in problem["errors"]] == ["cursor_invalid"], after


def test_a_cursor_of_another_list_is_refused(staff: APIClient, order: Order) -> None:
    problem = problem_of(staff.get(FEED, {"after": signing.dumps([["x"], False], salt="cursor.x")}), 400, "invalid")

    assert [error["code"] for error in problem["errors"]] == ["cursor_invalid"]


def test_a_cursor_from_before_the_log_was_restored_has_expired(staff: APIClient, order: Order) -> None:
    end = staff.get(FEED).json()["next"]
    Event.objects.all().delete()

    problem_of(staff.get(end), 410, "cursor_expired")


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("sequence=1", "sequence", "unknown"),
        ("cursor=x", "cursor", "unknown"),
        ("type=order.plcaed", "type", "invalid_choice"),
        ("type=", "type", "invalid_choice"),
        ("type=order.placed,", "type", "invalid_choice"),
        ("type=%00", "type", "invalid_choice"),
        ("subject=", "subject", "invalid"),
        ("subject=a%00b", "subject", "invalid"),
        ("limit=0", "limit", "invalid"),
        ("limit=ten", "limit", "invalid"),
    ],
)
def test_what_is_not_understood_is_said(staff: APIClient, query: str, parameter: str, code: str) -> None:
    problem = problem_of(staff.get(f"{FEED}?{query}"), 400, "invalid")

    assert [(error["parameter"], error["code"]) for error in problem["errors"]] == [(parameter, code)]


def test_strangers_are_asked_who_they_are(anonymous: APIClient) -> None:
    problem_of(anonymous.get(FEED), 401, "not_authenticated")


def test_customers_may_not_read_the_feed(api: APIClient) -> None:
    problem_of(api.get(FEED), 403, "staff_only")


def test_a_key_of_staff_needs_the_scope(grace: User) -> None:
    reader, clerk = (client_of(grace, scopes=[scope]) for scope in ("events:read", "orders:read"))

    problem = problem_of(clerk.get(FEED), 403, "scope_missing")
    assert problem["required_scope"] == "events:read"
    assert reader.get(FEED).status_code == 200


# --- The catalogue ------------------------------------------------------------------------------------------


def test_anyone_may_see_what_kinds_of_events_there_are(anonymous: APIClient) -> None:
    kinds = {kind["type"]: kind for kind in anonymous.get(TYPES).json()["results"]}

    placed = kinds["order.placed"]
    assert (placed["version"], placed["source"], placed["subject"], placed["partitionkey"]) == (
        *(1, "/orders", "orders/{order_id}", "{order_id}"),
    )
    assert placed["description"] == "A customer has committed to buy; nothing is reserved or paid yet."
    assert {"name": "inventory.reserve_stock", "kind": "many", "after": "P0DT00H00M00S"} in placed["handlers"]
    assert {"name": "orders.end_at_deadline", "kind": "many", "after": "P0DT00H30M00S"} in placed["handlers"]
    assert placed["example"]["type"] == "order.placed"


def test_where_the_envelope_points_is_the_schema_of_its_data(
    staff: APIClient, anonymous: APIClient, order: Order
) -> None:
    (event,) = staff.get(FEED, {"type": "order.placed"}).json()["results"]

    schema = anonymous.get(event["dataschema"]).json()

    assert schema["$id"] == event["dataschema"]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$defs"]["OrderPlaced"]["properties"].keys() == event["data"].keys()


@pytest.mark.parametrize(
    "name", ["order.lost/1", "order.placed/2", "order.placed/0", "%00/1", f"order.placed/{10**40}"]
)
def test_a_kind_that_is_not_there_is_not_found(anonymous: APIClient, name: str) -> None:
    problem_of(anonymous.get(f"{TYPES}/{name}"), 404, "not_found")


@pytest.mark.parametrize("path", [TYPES, f"{TYPES}/order.placed/1"])
def test_who_has_the_catalogue_already_need_not_get_it_again(anonymous: APIClient, path: str) -> None:
    first = anonymous.get(path)

    again = anonymous.get(path, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"].startswith("public")


# --- What the tests are made of -----------------------------------------------------------------------------


@dataclass
class Told:
    """A page of the feed, and the address it was asked at."""

    asked: str
    results: list[dict[str, Any]]
    next: str


def _follow(client: APIClient, address: str) -> Iterator[Told]:
    """The pages from an address on, up to one that leads nowhere else."""
    while True:
        page = Told(address, **client.get(address).json())
        yield page
        if page.next == address:
            return
        address = page.next


def _logged() -> list[UUID]:
    return [*Event.objects.order_by("settled_after", "position").values_list("pk", flat=True)]
