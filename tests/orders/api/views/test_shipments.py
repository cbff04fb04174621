"""Shipments over HTTP: staff make them, customers follow them."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from inventory.models import StockLevel
from orders import services
from orders.models import Order, Reason, Shipment
from shop.api.scopes import SCOPES
from shop.users.models import User
from tests.crowds import together
from tests.keys import client_of
from tests.orders.api.customers import ORDERS, get, post
from tests.problems import pointed, problem_of
from tests.shopping import confirm, place

_PARCEL = {
    "carrier": "Pigeon Post",
    "tracking_number": "PP-42",
    "tracking_url": "https://pigeons.example/PP-42?a=b#c",
}


@pytest.fixture
def order(ada: User, mugs: StockLevel, lamps: StockLevel) -> Order:
    return confirm(place(ada, {"MUG-BLUE": 3, "LAMP-BLACK": 1}))


@pytest.fixture
def carla(db: None) -> User:
    return User.objects.create_user("carla@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(carla: User) -> APIClient:
    return client_of(carla)


def ship(client: APIClient, order: Order, *lines: tuple[str, int], key: str | None = None, **changes: Any) -> Any:
    body = _PARCEL | ({"lines": [{"sku": sku, "quantity": number} for sku, number in lines]} if lines else {}) | changes
    return post(client, body, key, to=f"{ORDERS}/{order.pk}/shipments")


def deliver(client: APIClient, shipment: str, key: str | None = None, body: object = None) -> Any:
    return post(client, body, key, to=f"{shipment}/delivery")


# --- Shipping -----------------------------------------------------------------------------------------------


def test_shipping_answers_with_what_has_left_and_where_to_follow_it(
    staff: APIClient, api: APIClient, order: Order
) -> None:
    answer = ship(staff, order, ("MUG-BLUE", 2))

    shipment = Shipment.objects.get()
    here = f"{ORDERS}/{order.pk}/shipments/{shipment.pk}"
    assert answer.status_code == 201
    assert (answer["Location"], answer["ETag"]) == (here, '"1"')
    told = dict(answer.json())
    assert told.pop("shipped_at").endswith("Z")
    assert told == _PARCEL | {
        "id": str(shipment.pk),
        "order": str(order.pk),
        "status": "shipped",
        "lines": [{"sku": "MUG-BLUE", "name": "Blue mug", "quantity": 2}],
        "delivered_at": None,
        "links": {"self": here, "order": f"{ORDERS}/{order.pk}"},
    }
    assert api.get(here).json() == answer.json()


def test_what_has_left_shows_in_the_order(staff: APIClient, api: APIClient, order: Order) -> None:
    before = get(api, order)["ETag"]

    ship(staff, order, ("MUG-BLUE", 2))

    seen = get(api, order)
    assert (seen.json()["status"], seen.json()["fulfilment_status"]) == ("confirmed", "partial")
    assert [line["shipped"] for line in seen.json()["lines"]] == [2, 0]
    assert seen["ETag"] != before


def test_without_lines_all_that_is_left_is_shipped(staff: APIClient, api: APIClient, order: Order) -> None:
    ship(staff, order, ("MUG-BLUE", 2))

    answer = ship(staff, order)

    assert [(line["sku"], line["quantity"]) for line in answer.json()["lines"]] == [("MUG-BLUE", 1), ("LAMP-BLACK", 1)]
    assert get(api, order).json()["status"] == "shipped"


def test_the_same_request_again_ships_nothing_more(staff: APIClient, order: Order) -> None:
    first, second = (ship(staff, order, ("MUG-BLUE", 1), key="the-key") for _ in range(2))

    assert second.content == first.content
    assert Shipment.objects.count() == 1


_INVALID: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "no lines at all": ({"lines": []}, {"/lines": "empty"}),
    "null lines": ({"lines": None}, {"/lines": "null"}),
    "a thousand lines": (
        {"lines": [{"sku": f"S-{number}", "quantity": 1} for number in range(1000)]},
        {"/lines": "max_length"},
    ),
    "a SKU twice": ({"lines": [{"sku": "MUG-BLUE", "quantity": 1}] * 2}, {"/lines": "sku_repeated"}),
    "a SKU that was not ordered": (
        {"lines": [{"sku": "MUG-BLUE", "quantity": 1}, {"sku": "MUG-RED", "quantity": 1}]},
        {"/lines/1/sku": "not_ordered"},
    ),
    "no pieces": ({"lines": [{"sku": "MUG-BLUE", "quantity": 0}]}, {"/lines/0/quantity": "min_value"}),
    "pieces below zero": ({"lines": [{"sku": "MUG-BLUE", "quantity": -1}]}, {"/lines/0/quantity": "min_value"}),
    "half a piece": ({"lines": [{"sku": "MUG-BLUE", "quantity": 0.5}]}, {"/lines/0/quantity": "invalid"}),
    "a milliard": ({"lines": [{"sku": "MUG-BLUE", "quantity": 10**9}]}, {"/lines/0/quantity": "max_value"}),
    "an unknown member": ({"status": "delivered"}, {"/status": "unknown"}),
    "another id": ({"id": str(uuid4())}, {"/id": "unknown"}),
    "no carrier": ({"carrier": ""}, {"/carrier": "blank"}),
    "a carrier that is a number": ({"carrier": 1}, {"/carrier": "invalid"}),
    "a carrier that is too long": ({"carrier": "c" * 101}, {"/carrier": "max_length"}),
    "a number with NUL": ({"tracking_number": "\0"}, {"/tracking_number": "null_characters_not_allowed"}),
    "a script to follow": ({"tracking_url": "javascript:alert(1)"}, {"/tracking_url": "invalid"}),
    "a file to follow": ({"tracking_url": "ftp://pigeons.example/x"}, {"/tracking_url": "invalid"}),
    "an address in two lines": ({"tracking_url": "https://a.example/\r\nBcc: x"}, {"/tracking_url": "invalid"}),
    "an address that is too long": (
        {"tracking_url": "https://a.example/" + "x" * 500},
        {"/tracking_url": "max_length"},
    ),
}


@pytest.mark.parametrize("case", _INVALID)
def test_a_shipment_that_makes_no_sense_is_refused_with_pointers(case: str, staff: APIClient, order: Order) -> None:
    changes, errors = _INVALID[case]

    problem = problem_of(ship(staff, order, **changes), 400, "invalid")

    assert pointed(problem) == errors
    assert not Shipment.objects.exists()


def test_more_than_is_left_is_refused_and_what_is_left_is_told(staff: APIClient, order: Order) -> None:
    ship(staff, order, ("MUG-BLUE", 2))

    problem = problem_of(ship(staff, order, ("MUG-BLUE", 2)), 409, "more_than_remaining")

    assert problem["remaining"] == [{"sku": "MUG-BLUE", "quantity": 1}, {"sku": "LAMP-BLACK", "quantity": 1}]


@pytest.mark.parametrize("state", ["placed", "unpaid", "cancelled", "shipped"])
def test_what_may_not_leave_is_refused_with_what_is_needed(
    state: str, staff: APIClient, ada: User, mugs: StockLevel
) -> None:
    order = place(ada, {"MUG-BLUE": 1})
    if state != "placed":
        confirm(order, paid=state != "unpaid")
    if state == "cancelled":
        services.cancel(orders={order.pk: Reason.CUSTOMER_REQUEST})
    if state == "shipped":
        ship(staff, order)

    problem = problem_of(ship(staff, order), 409, "not_shippable")

    assert problem["needed"] == {"order_status": "confirmed", "payment_status": "captured"}
    assert problem["order_status"] == ("confirmed" if state == "unpaid" else state)


@pytest.mark.django_db(transaction=True)
def test_the_last_piece_is_shipped_once_though_two_ship_it_at_once(
    carla: User, ada: User, mugs: StockLevel, lamps: StockLevel
) -> None:
    order = confirm(place(ada, {"MUG-BLUE": 1, "LAMP-BLACK": 1}))
    clients = [client_of(carla) for _ in range(2)]

    answers = together(*(partial(ship, client, order, ("LAMP-BLACK", 1)) for client in clients))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert Shipment.objects.count() == 1


@pytest.mark.parametrize("lines", [(), (("MUG-BLUE", 1),)])
def test_a_customer_does_not_cancel_what_has_left(
    lines: tuple[tuple[str, int], ...], staff: APIClient, api: APIClient, order: Order
) -> None:
    ship(staff, order, *lines)

    problem = problem_of(post(api, {}, to=f"{ORDERS}/{order.pk}/cancellation"), 409, "not_cancellable")

    assert "cancelled" not in problem["allowed_transitions"]
    assert problem["allowed_transitions"] == (["shipped"] if lines else ["delivered"])


# --- Delivering ---------------------------------------------------------------------------------------------


def test_a_shipment_that_has_arrived_says_so_and_so_does_its_order(
    staff: APIClient, api: APIClient, order: Order
) -> None:
    here = ship(staff, order)["Location"]

    answer = deliver(staff, here)

    assert (answer.status_code, answer["Location"], answer["ETag"]) == (201, here, '"2"')
    assert answer.json()["status"] == "delivered"
    assert answer.json()["delivered_at"].endswith("Z")
    assert api.get(here).json() == answer.json()
    assert get(api, order).json()["status"] == "delivered"


def test_a_shipment_arrives_once_only(staff: APIClient, order: Order) -> None:
    here = ship(staff, order)["Location"]
    first, again = (deliver(staff, here, key="the-key") for _ in range(2))

    problem = problem_of(deliver(staff, here), 409, "already_delivered")

    assert again.content == first.content
    assert problem["delivered_at"] == first.json()["delivered_at"]


def test_nothing_is_said_of_a_delivery_but_that_it_happened(staff: APIClient, order: Order) -> None:
    here = ship(staff, order)["Location"]

    problem = problem_of(deliver(staff, here, body={"delivered_at": "2020-01-01"}), 400, "invalid")

    assert pointed(problem) == {"/delivered_at": "unknown"}


# --- Who may do what ----------------------------------------------------------------------------------------

_DEEDS: dict[str, Callable[[APIClient, Order, str], Any]] = {
    "shipping": lambda client, order, _here: ship(client, order),
    "delivering": lambda client, _order, here: deliver(client, here),
    "listing": lambda client, order, _here: get(client, order, "/shipments"),
    "looking": lambda client, _order, here: client.get(here),
}
_OF_STAFF = ("shipping", "delivering")


@pytest.mark.parametrize("deed", _DEEDS)
def test_only_staff_ship_and_only_the_customer_and_staff_look(
    deed: str, staff: APIClient, api: APIClient, anonymous: APIClient, order: Order
) -> None:
    bob = client_of(User.objects.create_user("bob@example.com"))
    here = ship(staff, order, ("MUG-BLUE", 1))["Location"]

    problem_of(_DEEDS[deed](anonymous, order, here), 401, "not_authenticated")
    if deed in _OF_STAFF:
        problem_of(_DEEDS[deed](bob, order, here), 403, "staff_only")
        problem_of(_DEEDS[deed](api, order, here), 403, "staff_only")
    else:
        problem_of(_DEEDS[deed](bob, order, here), 404, "not_found")
        assert _DEEDS[deed](api, order, here).status_code == 200
    assert Shipment.objects.get().status == "shipped"


@pytest.mark.parametrize("deed", _DEEDS)
def test_staff_whose_key_lacks_the_scope_are_told_so(deed: str, carla: User, staff: APIClient, order: Order) -> None:
    here = ship(staff, order, ("MUG-BLUE", 1))["Location"]
    scope = "shipments:write" if deed in _OF_STAFF else "orders:read"

    problem = problem_of(
        _DEEDS[deed](client_of(carla, scopes=SCOPES.keys() - {scope}), order, here), 403, "scope_missing"
    )

    assert problem["required_scope"] == scope


@pytest.mark.parametrize("more", ["", "/delivery"])
def test_a_shipment_is_found_below_its_own_order_only(more: str, staff: APIClient, order: Order, ada: User) -> None:
    shipment = ship(staff, order).json()["id"]
    other = place(ada, {"MUG-BLUE": 1})
    there = f"{ORDERS}/{other.pk}/shipments/{shipment}{more}"

    answer = post(staff, None, to=there) if more else staff.get(there)

    problem_of(answer, 404, "not_found")


def test_shipments_are_listed_in_the_order_in_which_they_left(staff: APIClient, api: APIClient, order: Order) -> None:
    first, second = ship(staff, order, ("MUG-BLUE", 1)).json(), ship(staff, order).json()

    assert get(api, order, "/shipments").json() == {"results": [first, second], "next": None, "previous": None}
    problem_of(get(api, order, "/shipments?carrier=x"), 400, "invalid")


def test_a_list_of_shipments_asks_the_database_as_often_however_long_it_is(
    staff: APIClient, api: APIClient, order: Order
) -> None:
    ship(staff, order, ("MUG-BLUE", 1))
    with CaptureQueriesContext(connection) as short:
        get(api, order, "/shipments")
    ship(staff, order, ("MUG-BLUE", 1))
    ship(staff, order)
    with CaptureQueriesContext(connection) as long:
        get(api, order, "/shipments")

    assert len(short) == len(long) == 5  # the key with its owner, the order, shipments, their lines, what those were
