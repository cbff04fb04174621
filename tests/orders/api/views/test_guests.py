"""Ordering without an account: what a guest sends, gets and may do with it, and what nobody else may."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from inventory.models import StockLevel
from notifications.models import ReceivedMail
from orders import services
from orders.events import OrderPlaced
from orders.models import Order
from shop.api.models import IdempotentAnswer
from shop.bus.models import Event
from shop.users import guests
from shop.users.models import Guest, User
from tests.conftest import Published
from tests.keys import client_of, client_with
from tests.orders.api.customers import ORDERS, get, post
from tests.problems import pointed, problem_of
from tests.shopping import confirm, order_json, place

_KEY = "a-key-of-16-or-more"


def _guest_json(**changes: Any) -> dict[str, Any]:  # whatever is wrong in it
    return order_json(email="Gus@Example.com", **changes)


@pytest.fixture
def placed(anonymous: APIClient, mugs: StockLevel) -> dict[str, Any]:
    """What a guest was answered who ordered two mugs."""
    body: dict[str, Any] = post(anonymous, _guest_json(name="Gus", language="de")).json()
    return body


@pytest.fixture
def order(placed: dict[str, Any]) -> Order:
    return Order.objects.get(pk=placed["id"])


@pytest.fixture
def gus(placed: dict[str, Any]) -> APIClient:
    """A REST client with what the guest was handed out."""
    return client_with(placed["access_token"])


# --- Ordering -----------------------------------------------------------------------------------------------


def test_a_guest_orders_and_is_handed_what_opens_the_order(
    anonymous: APIClient, mugs: StockLevel, published: Published
) -> None:
    answer = post(anonymous, _guest_json(name="Gus", language="de"))

    order, guest = Order.objects.get(), Guest.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"{ORDERS}/{order.pk}"
    assert answer.json()["access_token"] == guests.token_for(order.pk)
    assert answer.json()["guest"] == {"email": "gus@example.com", "name": "Gus", "language": "de"}
    assert (order.customer, order.guest, guest.language) == (None, guest, "de")
    (event,) = published.of(OrderPlaced)
    assert event.customer_id == guest.pk
    assert "gus@example.com" not in event.encode().decode()


def test_an_email_is_all_that_a_guest_has_to_say(anonymous: APIClient, mugs: StockLevel) -> None:
    answer = post(anonymous, _guest_json())

    assert answer.json()["guest"] == {"email": "gus@example.com", "name": "", "language": "en"}


_INVALID: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "no email": (order_json(), {"/email": "required"}),
    "an empty email": (_guest_json() | {"email": ""}, {"/email": "blank"}),
    "no address at all": (_guest_json() | {"email": "gus"}, {"/email": "invalid"}),
    "an email that is a number": (_guest_json() | {"email": 12}, {"/email": "invalid"}),
    "an email that is a list": (_guest_json() | {"email": ["gus@example.com"]}, {"/email": "invalid"}),
    "an email that is null": (_guest_json() | {"email": None}, {"/email": "null"}),
    "an email with another header": (
        _guest_json() | {"email": "gus@example.com\r\nBcc: evil@example.com"},
        {"/email": "invalid"},
    ),
    "two emails": (_guest_json() | {"email": "gus@example.com, evil@example.com"}, {"/email": "invalid"}),
    "an email that is too long": (_guest_json() | {"email": f"gus@{'x.' * 130}example.com"}, {"/email": "max_length"}),
    "a name that is a number": (_guest_json(name=1), {"/name": "invalid"}),
    "a name with NUL": (_guest_json(name="\0"), {"/name": "null_characters_not_allowed"}),
    "a language that we do not speak": (_guest_json(language="tlh"), {"/language": "invalid_choice"}),
    "a status": (_guest_json(status="delivered"), {"/status": "unknown"}),
    "a total": (_guest_json(total=1), {"/total": "unknown"}),
    "a customer": (_guest_json(customer=str(uuid4())), {"/customer": "unknown"}),
    "a number": (_guest_json(number="1"), {"/number": "unknown"}),
}


@pytest.mark.parametrize("case", _INVALID)
def test_a_guest_who_cannot_be_written_to_orders_nothing(case: str, anonymous: APIClient, mugs: StockLevel) -> None:
    body, errors = _INVALID[case]

    problem = problem_of(post(anonymous, body), 400, "invalid")

    assert pointed(problem) == errors
    assert not Order.objects.exists()
    assert not Guest.objects.exists()


@pytest.mark.parametrize("name", ["email", "name", "language", "customer", "guest", "status", "total", "number"])
def test_who_has_an_account_is_known_and_says_nothing_of_themselves(
    name: str, api: APIClient, mugs: StockLevel
) -> None:
    problem = problem_of(post(api, order_json(**{name: "x"})), 400, "invalid")

    assert pointed(problem) == {f"/{name}": "unknown"}


def test_a_guest_s_order_that_fails_leaves_no_guest(anonymous: APIClient, mugs: StockLevel) -> None:
    problem_of(post(anonymous, _guest_json(currency="CHF")), 400, "invalid")

    assert not Guest.objects.exists()


# --- The same again -----------------------------------------------------------------------------------------


def test_the_same_request_again_gets_the_same_token_though_none_is_kept(anonymous: APIClient, mugs: StockLevel) -> None:
    first, again = (post(anonymous, _guest_json(), _KEY) for _ in range(2))

    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert first.json()["access_token"] not in IdempotentAnswer.objects.get().body
    assert "access_token" not in IdempotentAnswer.objects.get().body
    assert Order.objects.count() == 1


def test_a_key_that_could_be_guessed_is_refused(anonymous: APIClient, mugs: StockLevel) -> None:
    problem_of(post(anonymous, _guest_json(), "x" * 15), 400, "idempotency_key_invalid")
    assert post(anonymous, _guest_json(), "x" * 16).status_code == 201


def test_a_key_of_another_guest_gives_away_nothing(anonymous: APIClient, mugs: StockLevel) -> None:
    post(anonymous, _guest_json(), _KEY)

    answer = post(anonymous, _guest_json() | {"email": "eve@example.com"}, _KEY)

    problem_of(answer, 422, "idempotency_key_reused")
    assert b"guest_" not in answer.content


def test_a_customer_s_key_is_not_a_guest_s(anonymous: APIClient, api: APIClient, mugs: StockLevel) -> None:
    first, second = post(anonymous, _guest_json(), _KEY), post(api, order_json(), _KEY)

    assert [first.status_code, second.status_code] == [201, 201]
    assert "access_token" not in second.json()


# --- What the token opens -----------------------------------------------------------------------------------


def test_a_guest_sees_the_order_its_story_and_its_shipments(gus: APIClient, order: Order) -> None:
    seen = get(gus, order)

    assert (seen.status_code, seen.json()["id"]) == (200, str(order.pk))
    assert "access_token" not in seen.json()
    assert [each["type"] for each in get(gus, order, "/events").json()["results"]] == ["order.placed"]
    confirm(order)
    shipment = services.ship(order_id=order.pk, carrier="Pigeon Post")
    assert len(get(gus, order, "/shipments").json()["results"]) == 1
    assert get(gus, order, f"/shipments/{shipment.pk}").status_code == 200


def test_a_guest_cancels_as_any_customer_does(gus: APIClient, order: Order) -> None:
    answer = post(gus, {}, to=f"{ORDERS}/{order.pk}/cancellation")

    assert (answer.status_code, answer.json()["by"]) == (201, "customer")
    assert Event.objects.get(type="order.cancelled").actor == "guest"
    assert get(gus, order, "/cancellation").status_code == 200


@pytest.mark.parametrize("more", ["", "/events", "/shipments", "/cancellation"])
def test_a_guest_s_token_opens_no_other_order(
    more: str, gus: APIClient, anonymous: APIClient, ada: User, mugs: StockLevel
) -> None:
    of_a_guest = Order.objects.get(pk=post(anonymous, _guest_json()).json()["id"])

    for other in (of_a_guest, place(ada, {"MUG-BLUE": 1})):
        problem_of(get(gus, other, more), 404, "not_found")
        problem_of(post(gus, {}, to=f"{ORDERS}/{other.pk}/cancellation"), 404, "not_found")


@pytest.mark.parametrize("path", [ORDERS, "/api/v1/api-keys", "/api/v1/events"])
def test_a_guest_s_token_opens_nothing_else(path: str, gus: APIClient) -> None:
    problem_of(gus.get(path), 401, "not_authenticated")


def test_a_guest_s_token_orders_and_ships_nothing(gus: APIClient, order: Order) -> None:
    problem_of(post(gus, _guest_json()), 401, "not_authenticated")
    problem_of(post(gus, {"carrier": "x"}, to=f"{ORDERS}/{order.pk}/shipments"), 401, "not_authenticated")


@pytest.mark.parametrize("spoil", [lambda token: token[:-1], lambda token: token[:10], lambda token: token + "0"])
def test_a_token_that_is_forged_or_cut_off_is_no_token(
    spoil: Callable[[str], str], placed: dict[str, Any], order: Order
) -> None:
    problem_of(get(client_with(spoil(placed["access_token"])), order), 401, "token_invalid")


def test_a_token_made_for_a_customer_s_order_opens_it_no_more_than_any_other(ada: User, mugs: StockLevel) -> None:
    order = place(ada, {"MUG-BLUE": 1})

    problem_of(get(client_with(guests.token_for(order.pk)), order), 404, "not_found")


def test_a_guest_s_order_is_closed_to_its_token_after_a_while(gus: APIClient, order: Order) -> None:
    order.placed_at -= timedelta(days=91)
    order.save()

    problem_of(get(gus, order), 404, "not_found")


def test_a_guest_s_order_is_nobody_else_s(anonymous: APIClient, api: APIClient, order: Order) -> None:
    problem_of(get(anonymous, order), 401, "not_authenticated")
    problem_of(get(api, order), 404, "not_found")


# --- Staff and mail -----------------------------------------------------------------------------------------


def test_staff_find_the_orders_of_guests(order: Order, ada: User) -> None:
    staff = client_of(User.objects.create_user("staff@example.com", is_staff=True, is_superuser=True))
    place(ada, {"MUG-BLUE": 1})

    found = staff.get(f"{ORDERS}?email=GUS@example.com").json()["results"]

    assert [each["id"] for each in found] == [str(order.pk)]
    assert found[0]["guest"]["email"] == "gus@example.com"
    assert len(staff.get(ORDERS).json()["results"]) == 2


def test_a_list_with_guests_asks_the_database_no_more_often(anonymous: APIClient, mugs: StockLevel) -> None:
    staff = client_of(User.objects.create_user("staff@example.com", is_staff=True, is_superuser=True))
    for _ in range(3):
        post(anonymous, _guest_json())

    with CaptureQueriesContext(connection) as asked:
        assert len(staff.get(ORDERS).json()["results"]) == 3

    assert len(asked) == 3


@pytest.mark.django_db(transaction=True)
def test_a_guest_is_written_to(
    anonymous: APIClient, mugs: StockLevel, drain_all: Callable[[], None], settings: Any
) -> None:
    settings.EMAIL_BACKEND = "notifications.channels.mailbox.MailboxBackend"
    order = Order.objects.get(pk=UUID(post(anonymous, _guest_json()).json()["id"]))

    drain_all()

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("confirmed", "captured")
    assert set(ReceivedMail.objects.values_list("recipients", flat=True)) == {"gus@example.com"}
    assert ReceivedMail.objects.count() == 3
