"""Returns over HTTP: customers announce them, staff receive them."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from inventory.models import StockLevel
from orders import services
from orders.models import Order, Return
from shop.api.scopes import SCOPES
from shop.users.models import User
from tests.crowds import together
from tests.keys import client_of
from tests.orders.api.customers import ORDERS, get, post
from tests.problems import pointed, problem_of
from tests.shopping import confirm, place


@pytest.fixture
def order(ada: User, mugs: StockLevel, lamps: StockLevel) -> Order:
    """Three mugs at 12.00 and a lamp at 59.00 EUR, on their way."""
    order = confirm(place(ada, {"MUG-BLUE": 3, "LAMP-BLACK": 1}))
    services.ship(order_id=order.pk, carrier="Pigeon Post")
    return order


@pytest.fixture
def carla(db: None) -> User:
    return User.objects.create_user("carla@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(carla: User) -> APIClient:
    return client_of(carla)


def lines(*pieces: tuple[str, int], **more: Any) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity, **more} for sku, quantity in pieces]


def announce(client: APIClient, order: Order, *, key: str | None = None, **changes: Any) -> Any:
    body = {"lines": lines(("MUG-BLUE", 2)), "reason": "Too blue"} | changes
    return post(client, body, key, to=f"{ORDERS}/{order.pk}/returns")


def receive(client: APIClient, here: str, *, key: str | None = None, **body: Any) -> Any:
    return post(client, body, key, to=f"{here}/receipt")


def withdraw(client: APIClient, here: str, **body: Any) -> Any:
    return post(client, body, to=f"{here}/withdrawal")


def test_announcing_a_return_answers_with_what_comes_and_nothing_given_back(api: APIClient, order: Order) -> None:
    answer = announce(api, order)

    returned = Return.objects.get()
    here = f"{ORDERS}/{order.pk}/returns/{returned.pk}"
    assert (answer.status_code, answer["Location"], answer["ETag"]) == (201, here, '"1"')
    told = dict(answer.json())
    assert told.pop("requested_at").endswith("Z")
    assert told == {
        "id": str(returned.pk),
        "order": str(order.pk),
        "status": "requested",
        "reason": "Too blue",
        "lines": [{"sku": "MUG-BLUE", "name": "Blue mug", "quantity": 2, "restock": True}],
        "refund": 0,
        "currency": "EUR",
        "received_at": None,
        "links": {"self": here, "order": f"{ORDERS}/{order.pk}"},
    }
    assert api.get(here).json() == answer.json()
    assert get(api, order, "/returns").json()["results"] == [answer.json()]


def test_a_return_that_is_here_shows_in_the_order(staff: APIClient, api: APIClient, order: Order) -> None:
    here = announce(api, order)["Location"]

    answer = receive(staff, here)

    assert (answer.status_code, answer["ETag"]) == (201, '"2"')
    assert (answer.json()["status"], answer.json()["refund"]) == ("received", 2400)
    seen = get(api, order).json()
    assert (seen["return_status"], [line["returned"] for line in seen["lines"]]) == ("partial", [2, 0])


def test_what_is_here_may_be_less_and_broken_and_worth_less(staff: APIClient, api: APIClient, order: Order) -> None:
    here = announce(api, order)["Location"]

    told = receive(staff, here, lines=lines(("MUG-BLUE", 1), restock=False), refund=600).json()

    assert [(line["quantity"], line["restock"]) for line in told["lines"]] == [(1, False)]
    assert told["refund"] == 600


def test_the_same_request_again_announces_and_receives_once(staff: APIClient, api: APIClient, order: Order) -> None:
    first, second = (announce(api, order, key="the-key") for _ in range(2))
    here = first["Location"]
    received, again = (receive(staff, here, key="another-key") for _ in range(2))

    assert (second.content, again.content) == (first.content, received.content)
    assert Return.objects.count() == 1


_INVALID: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "no lines": ({"lines": []}, {"/lines": "empty"}),
    "null lines": ({"lines": None}, {"/lines": "null"}),
    "a SKU twice": ({"lines": lines(("MUG-BLUE", 1)) * 2}, {"/lines": "sku_repeated"}),
    "what was not ordered": ({"lines": lines(("MUG-BLUE", 1), ("MUG-RED", 1))}, {"/lines/1/sku": "not_ordered"}),
    "no pieces": ({"lines": lines(("MUG-BLUE", 0))}, {"/lines/0/quantity": "min_value"}),
    "half a piece": ({"lines": [{"sku": "MUG-BLUE", "quantity": 0.5}]}, {"/lines/0/quantity": "invalid"}),
    "what only staff may say": ({"lines": lines(("MUG-BLUE", 1), restock=True)}, {"/lines/0/restock": "unknown"}),
    "a refund of one's own": ({"refund": 10**6}, {"/refund": "unknown"}),
    "a reason without end": ({"reason": "r" * 201}, {"/reason": "max_length"}),
    "a reason with NUL": ({"reason": "\0"}, {"/reason": "null_characters_not_allowed"}),
}


@pytest.mark.parametrize("case", _INVALID)
def test_an_announcement_that_makes_no_sense_is_refused_with_pointers(case: str, api: APIClient, order: Order) -> None:
    changes, errors = _INVALID[case]

    problem = problem_of(announce(api, order, **changes), 400, "invalid")

    assert pointed(problem) == errors
    assert not Return.objects.exists()


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"refund": -1}, {"/refund": "min_value"}),
        ({"refund": "12"}, {"/refund": "invalid"}),
        ({"refund": 2**53}, {"/refund": "max_value"}),
        ({"lines": lines(("MUG-BLUE", 1), restock="no")}, {"/lines/0/restock": "invalid"}),
        ({"lines": lines(("MUG-RED", 1))}, {"/lines/0/sku": "not_ordered"}),
        ({"status": "received"}, {"/status": "unknown"}),
    ],
)
def test_a_receipt_that_makes_no_sense_is_refused_with_pointers(
    body: dict[str, Any], errors: dict[str, str], staff: APIClient, api: APIClient, order: Order
) -> None:
    here = announce(api, order)["Location"]

    assert pointed(problem_of(receive(staff, here, **body), 400, "invalid")) == errors
    assert Return.objects.get().status == "requested"


def test_what_cannot_come_back_is_told_with_what_can(api: APIClient, order: Order) -> None:
    problem = problem_of(announce(api, order, lines=lines(("MUG-BLUE", 4))), 409, "not_returnable")

    assert problem["returnable"] == [{"sku": "MUG-BLUE", "quantity": 3}, {"sku": "LAMP-BLACK", "quantity": 1}]


def test_a_second_announcement_is_told_of_the_first(api: APIClient, order: Order) -> None:
    known = announce(api, order).json()["id"]

    assert problem_of(announce(api, order), 409, "return_open")["return_id"] == known


def test_who_is_too_late_is_told_when_it_was_and_staff_are_not(
    api: APIClient, staff: APIClient, order: Order, settings: Settings
) -> None:
    settings.RETURN_TIME = timedelta(0)

    assert problem_of(announce(api, order), 409, "too_late")["until"].endswith("Z")
    assert announce(staff, order).status_code == 201


def test_more_than_was_paid_is_not_given_back(staff: APIClient, api: APIClient, order: Order) -> None:
    here = announce(api, order)["Location"]

    assert problem_of(receive(staff, here, refund=2401), 409, "refund_too_high")["worth"] == 2400


def test_a_return_that_is_withdrawn_makes_room_for_another(api: APIClient, staff: APIClient, order: Order) -> None:
    here = announce(api, order)["Location"]

    assert withdraw(api, here).json()["status"] == "withdrawn"

    assert problem_of(withdraw(api, here), 409, "return_not_open")["return_status"] == "withdrawn"
    assert problem_of(receive(staff, here), 409, "return_not_open")["return_status"] == "withdrawn"
    assert announce(api, order).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_goods_are_received_once_though_two_receive_them_at_once(
    carla: User, ada: User, mugs: StockLevel, order: Order
) -> None:
    here = announce(client_of(ada), order)["Location"]
    clients = [client_of(carla) for _ in range(2)]

    answers = together(*(partial(receive, client, here) for client in clients))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert order.lines.get(sku="MUG-BLUE").returned == 2


_DEEDS: dict[str, tuple[Callable[[APIClient, Order, str], Any], str, bool]] = {
    "announcing": (lambda client, order, _here: announce(client, order), "orders:write", False),
    "receiving": (lambda client, _order, here: receive(client, here), "shipments:write", True),
    "withdrawing": (lambda client, _order, here: withdraw(client, here), "orders:write", False),
    "listing": (lambda client, order, _here: get(client, order, "/returns"), "orders:read", False),
    "looking": (lambda client, _order, here: client.get(here), "orders:read", False),
}


@pytest.mark.parametrize("deed", _DEEDS)
def test_only_staff_receive_and_only_the_customer_and_staff_do_the_rest(
    deed: str, api: APIClient, anonymous: APIClient, carla: User, order: Order
) -> None:
    act, scope, of_staff = _DEEDS[deed]
    bob = client_of(User.objects.create_user("bob@example.com"))
    here = announce(api, order)["Location"]

    problem_of(act(anonymous, order, here), 401, "not_authenticated")
    problem_of(act(bob, order, here), *((403, "staff_only") if of_staff else (404, "not_found")))
    lacking = client_of(carla, scopes=SCOPES.keys() - {scope})
    assert problem_of(act(lacking, order, here), 403, "scope_missing")["required_scope"] == scope
    assert Return.objects.get().status == "requested"
