"""Somebody without an account, with the programs as they are shipped: a token is all that they have."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from inventory.models import StockLevel
from orders.models import Order
from shop.users.models import Guest
from tests.books import Balance, balance
from tests.flows import programs
from tests.flows.customers import Customer
from tests.flows.programs import Web, running
from tests.problems import problem_of
from tests.shopping import order_json

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("flows")]

AllIsWell = Callable[..., None]
Placed = dict[str, Any]

EMAIL = "gus@example.com"


@pytest.fixture(scope="module")
def url(django_db_setup: None, folder: Path) -> Iterator[str]:
    environment = programs.environment(WORKERS="combined")
    web = Web(folder, environment)
    with running(web), programs.workers(folder, environment):
        yield web.url


@pytest.fixture
def stranger(url: str) -> Iterator[httpx.Client]:
    """Somebody who has nothing to show."""
    with httpx.Client(base_url=f"{url}/api/v1", timeout=30, trust_env=False) as http:
        yield http


def _order(stranger: httpx.Client, key: str | None = None) -> httpx.Response:
    key = key or str(uuid4())
    return stranger.post("/orders", json=order_json(email=EMAIL), headers={"Idempotency-Key": key})


@pytest.fixture
def gus(url: str, stranger: httpx.Client, mugs: StockLevel) -> Iterator[Customer]:
    """A guest, by the token of an order of theirs."""
    placed = _order(stranger)
    assert placed.status_code == 201, placed.text
    gus = Customer(url, placed.json()["access_token"])
    yield gus
    gus.http.close()


@pytest.fixture
def order_id(gus: Customer) -> str:
    return str(Order.objects.get().pk)


def test_a_guest_orders_follows_the_order_and_gets_mail(gus: Customer, order_id: str, all_is_well: AllIsWell) -> None:
    order = gus.settled(order_id)

    all_is_well()
    assert (order["status"], order["payment_status"], order["guest"]["email"]) == ("confirmed", "captured", EMAIL)
    story = [event["type"] for event in gus.http.get(f"/orders/{order_id}/events").json()["results"]]
    assert (story[0], set(story) >= {"order.confirmed", "payment.captured"}) == ("order.placed", True)
    number = order["number"]
    assert sorted(gus.mails(about=number)) == [
        f"Receipt for your order {number}",
        f"We have received your order {number}",
        f"Your order {number} is confirmed",
    ]
    assert balance() == Balance(taken=2400)


def test_a_guest_who_thinks_better_of_it_pays_nothing(gus: Customer, order_id: str, all_is_well: AllIsWell) -> None:
    gus.settled(order_id)

    assert gus.cancel(order_id).status_code == 201

    order = gus.settled(order_id)
    all_is_well()
    assert (order["status"], order["cancelled_by"]) == ("cancelled", "customer")
    assert balance() == Balance()
    assert f"Your order {order['number']} is cancelled" in gus.mails(about=order["number"])


def test_a_guest_s_token_opens_that_order_only(
    gus: Customer, order_id: str, stranger: httpx.Client, all_is_well: AllIsWell
) -> None:
    other = _order(stranger).json()["id"]

    assert gus.look(order_id)["id"] == order_id
    for path in (f"/orders/{other}", f"/orders/{other}/events", f"/orders/{other}/cancellation"):
        problem_of(gus.http.get(path), 404, "not_found")
    problem_of(gus.cancel(other), 404, "not_found")
    for path in ("/orders", "/users/me", "/api-keys", "/events"):
        problem_of(gus.http.get(path), 401, "not_authenticated")
    all_is_well()


def test_a_guest_whose_answer_got_lost_asks_again_and_has_one_order(
    stranger: httpx.Client, mugs: StockLevel, all_is_well: AllIsWell
) -> None:
    key = str(uuid4())

    lost, found = _order(stranger, key), _order(stranger, key)

    assert (found.status_code, found.headers["Idempotent-Replayed"]) == (201, "true")
    assert found.json()["access_token"] == lost.json()["access_token"]
    all_is_well()
    assert Order.objects.count() == 1


def test_a_guest_who_wants_to_be_forgotten_is(gus: Customer, order_id: str, all_is_well: AllIsWell) -> None:
    gus.settled(order_id)
    gus.cancel(order_id)
    gus.settled(order_id)

    assert gus.http.delete(f"/orders/{order_id}/guest").status_code == 204

    all_is_well()
    order, guest = Order.objects.get(), Guest.objects.get()
    assert (order.shipping_address, order.payment_method, guest.email) == ({"country": "DE"}, "", "")
    assert gus.mails(about=EMAIL) == []
    problem_of(gus.http.get(f"/orders/{order_id}"), 404, "not_found")
