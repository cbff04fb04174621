"""Cancelling over HTTP: by the customer, by staff, twice, too late, and by nobody else."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from rest_framework.test import APIClient

from inventory.models import StockLevel
from orders import services
from orders.events import OrderCancelled
from orders.models import Order, PaymentStatus, Reason, StockStatus
from shop.bus.models import Event
from shop.users.models import User
from tests.books import NOTHING, balance
from tests.conftest import Published
from tests.crowds import together
from tests.keys import client_of
from tests.orders.api.customers import ORDERS, get, post
from tests.problems import pointed, problem_of
from tests.shopping import place


@pytest.fixture
def order(ada: User, mugs: StockLevel) -> Order:
    return place(ada, {"MUG-BLUE": 2})


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.com")


@pytest.fixture
def staff(db: None) -> APIClient:
    return client_of(User.objects.create_user("staff@example.com", is_staff=True, is_superuser=True))


def cancel(client: APIClient, order: Order, body: object = None, key: str | None = None) -> Any:  # DRF's has no type
    return post(client, body, key, to=f"{ORDERS}/{order.pk}/cancellation")


@pytest.mark.parametrize("body", [None, {}])
def test_a_customer_cancels_and_is_told_where_the_cancellation_is(body: object, api: APIClient, order: Order) -> None:
    answer = cancel(api, order, body)

    order.refresh_from_db()
    here = f"{ORDERS}/{order.pk}/cancellation"
    assert answer.status_code == 201
    assert (answer["Location"], answer["ETag"], answer["Cache-Control"]) == (here, '"2"', "no-store")
    told = dict(answer.json())
    assert datetime.fromisoformat(told.pop("cancelled_at")) == order.cancelled_at
    assert told == {"order": str(order.pk), "reason": "customer_request", "by": "customer"}
    assert api.get(here).json() == answer.json()
    assert get(api, order).json()["status"] == "cancelled"


def test_the_news_of_a_cancellation_names_who_asked_for_it(api: APIClient, ada: User, order: Order) -> None:
    cancel(api, order)

    assert Event.objects.get(type="order.cancelled").actor == f"key:{ada.keys.get().pk}"


@pytest.mark.parametrize(("body", "reason"), [(None, "customer_request"), ({"reason": "fraud"}, "fraud")])
def test_staff_cancel_anybodys_order_and_may_say_why(body: object, reason: str, staff: APIClient, order: Order) -> None:
    answer = cancel(staff, order, body)

    assert answer.status_code == 201
    assert (answer.json()["reason"], answer.json()["by"]) == (reason, "staff")


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("", "blank"),
        (None, "null"),
        (12, "invalid"),
        (True, "invalid"),
        (["fraud"], "invalid"),
        ("Fraud!", "invalid"),
        ("two words", "invalid"),
        ("fraud\nBcc: x", "invalid"),
        ("nul\0", "invalid"),
        ("x" * 41, "max_length"),
    ],
)
def test_a_reason_that_is_no_word_is_refused(reason: object, code: str, staff: APIClient, order: Order) -> None:
    problem = problem_of(cancel(staff, order, {"reason": reason}), 400, "invalid")

    assert pointed(problem) == {"/reason": code}


@pytest.mark.parametrize("name", ["reason", "by", "cancelled_by", "status", "order", "cancelled_at"])
def test_a_customer_sets_nothing_by_cancelling(name: str, api: APIClient, order: Order) -> None:
    problem = problem_of(cancel(api, order, {name: "staff"}), 400, "invalid")

    assert pointed(problem) == {f"/{name}": "unknown"}
    order.refresh_from_db()
    assert order.status == "placed"


def test_the_same_request_again_is_the_same_cancellation(api: APIClient, order: Order, published: Published) -> None:
    first, second = (cancel(api, order, key="the-key") for _ in range(2))

    assert second.content == first.content
    assert second["Idempotent-Replayed"] == "true"
    assert len(published.of(OrderCancelled)) == 1


def test_cancelling_without_a_key_is_refused(api: APIClient, order: Order) -> None:
    answer = api.post(f"{ORDERS}/{order.pk}/cancellation", {}, format="json")

    problem_of(answer, 400, "idempotency_key_missing")


def test_cancelling_what_is_cancelled_is_refused_and_says_how_it_stands(api: APIClient, order: Order) -> None:
    services.cancel(orders={order.pk: Reason.OUT_OF_STOCK})

    problem = problem_of(cancel(api, order), 409, "not_cancellable")

    assert (problem["order_status"], problem["allowed_transitions"]) == ("cancelled", [])
    assert get(api, order, "/cancellation").json()["reason"] == "out_of_stock"


def test_an_order_that_is_not_cancelled_has_no_cancellation(api: APIClient, order: Order) -> None:
    problem_of(get(api, order, "/cancellation"), 404, "not_found")


_ASK: dict[str, Callable[[APIClient, Order], Any]] = {
    "cancelling": cancel,
    "looking": lambda client, order: get(client, order, "/cancellation"),
}


@pytest.mark.parametrize("deed", _ASK)
def test_nobody_else_may_cancel_or_see_it(deed: str, bob: User, anonymous: APIClient, order: Order) -> None:
    problem_of(_ASK[deed](client_of(bob), order), 404, "not_found")
    problem_of(_ASK[deed](anonymous, order), 401, "not_authenticated")
    order.refresh_from_db()
    assert order.status == "placed"


@pytest.mark.django_db(transaction=True)
def test_of_two_cancellations_at_once_one_is_told_that_it_came_second(ada: User, mugs: StockLevel) -> None:
    order = place(ada, {"MUG-BLUE": 2})
    clients = [client_of(ada) for _ in range(2)]

    answers = together(*(partial(cancel, client, order) for client in clients))

    assert sorted(answer.status_code for answer in answers) == [201, 409]


@pytest.mark.django_db(transaction=True)
def test_a_confirmed_order_that_is_cancelled_gives_back_stock_and_money(
    api: APIClient, ada: User, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    order = place(ada, {"MUG-BLUE": 2})
    drain_all()

    cancel(api, order)
    drain_all()

    order.refresh_from_db()
    mugs.refresh_from_db()
    assert (order.stock_status, order.payment_status) == (StockStatus.RELEASED, PaymentStatus.REFUNDED)
    assert mugs.reserved == 0
    assert balance() == NOTHING
