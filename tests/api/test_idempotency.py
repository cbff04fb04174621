import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from threading import Event as Signal
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from inventory.models import StockLevel
from orders.events import OrderPlaced
from orders.models import Order
from shop.api import answers
from shop.api.answers import Claim
from shop.api.models import IdempotentAnswer
from shop.users.models import User
from tests.conftest import Published
from tests.crowds import together
from tests.keys import client_of
from tests.problems import problem_of
from tests.processes import eventually
from tests.shopping import order_json

ORDERS = "/api/v1/orders"


def post(client: APIClient, key: str | None, **changes: object) -> Any:  # DRF's test response has no type of its own
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(ORDERS, order_json(**changes), format="json", headers=headers)


# --- The key ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency_key_missing"),
        ("", "idempotency_key_missing"),
        ("x" * 256, "idempotency_key_invalid"),
        ("x" * 10_000, "idempotency_key_invalid"),
        ("schlüssel", "idempotency_key_invalid"),
        ("鍵", "idempotency_key_invalid"),
        ("tab\there", "idempotency_key_invalid"),
        ("nul\0here", "idempotency_key_invalid"),
    ],
)
def test_a_key_that_is_missing_or_strange_is_refused(
    key: str | None, code: str, api: APIClient, mugs: StockLevel
) -> None:
    response = post(api, key)

    problem_of(response, 400, code)
    assert not Order.objects.exists()


@pytest.mark.parametrize("key", ["x" * 255, "a key, with: blanks & 'signs'", '"quoted"', "0"])
def test_any_printable_key_will_do(key: str, api: APIClient, mugs: StockLevel) -> None:
    assert post(api, key).status_code == 201


# --- The same again -----------------------------------------------------------------------------------------


def test_the_same_request_again_gets_the_same_bytes_again_and_acts_once(
    api: APIClient, mugs: StockLevel, published: Published
) -> None:
    first, second, third = (post(api, "k") for _ in range(3))

    assert first.content == second.content == third.content
    assert [response.status_code for response in (first, second, third)] == [201, 201, 201]
    for header in ("Location", "ETag", "Content-Type", "Cache-Control"):
        assert first[header] == second[header] == third[header]
    assert len(published.of(OrderPlaced)) == Order.objects.count() == 1


def test_only_a_replay_says_that_it_is_one(api: APIClient, mugs: StockLevel) -> None:
    first, second = post(api, "k"), post(api, "k")

    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert first["X-Request-Id"] != second["X-Request-Id"]


def test_a_replay_is_the_answer_of_then_even_if_the_order_has_moved_on(api: APIClient, mugs: StockLevel) -> None:
    first = post(api, "k")
    order = Order.objects.get()
    order.payment_method = "another"
    order.save()

    second = post(api, "k")

    assert second.content == first.content
    assert second["ETag"] == '"1"'


def test_a_key_used_for_another_body_is_refused_and_changes_nothing(api: APIClient, mugs: StockLevel) -> None:
    post(api, "k")

    response = post(api, "k", external_reference="another")

    problem_of(response, 422, "idempotency_key_reused")
    assert Order.objects.count() == 1


def test_another_spelling_of_the_same_body_is_another_body(api: APIClient, mugs: StockLevel) -> None:
    post(api, "k")

    spaced = json.dumps(order_json(), indent=2)
    response = api.generic("POST", ORDERS, spaced, content_type="application/json", headers={"Idempotency-Key": "k"})

    problem_of(response, 422, "idempotency_key_reused")


def test_a_body_that_is_broken_under_a_used_key_is_another_body(api: APIClient, mugs: StockLevel) -> None:
    post(api, "k")

    response = api.generic("POST", ORDERS, "{", content_type="application/json", headers={"Idempotency-Key": "k"})

    problem_of(response, 422, "idempotency_key_reused")


def test_the_same_key_of_another_customer_is_another_key(api: APIClient, mugs: StockLevel) -> None:
    bob = client_of(User.objects.create_user("bob@example.com"))

    first, second = post(api, "k"), post(bob, "k")

    assert [first.status_code, second.status_code] == [201, 201]
    assert first.json()["id"] != second.json()["id"]


def test_a_key_is_the_customer_s_and_not_the_token_s(api: APIClient, ada: User, mugs: StockLevel) -> None:
    first, second = post(api, "k"), post(client_of(ada), "k")

    assert first.content == second.content
    assert Order.objects.count() == 1


# --- At the same time ---------------------------------------------------------------------------------------


@pytest.fixture
def first_request_runs(ada: User, transactional_db: None) -> Iterator[None]:
    """Somewhere else a request with the key `k` has not committed yet."""
    begun, over = Signal(), Signal()

    def run() -> None:
        with transaction.atomic():
            answers.take([Claim(f"user:{ada.pk}", f"POST {ORDERS}", "k")])
            begun.set()
            over.wait(30)
        connection.close()

    running = Thread(target=run)
    running.start()
    begun.wait(10)
    yield
    over.set()
    running.join(10)


def test_a_key_whose_first_request_still_runs_answers_at_once_that_it_is_in_use(
    api: APIClient, mugs: StockLevel, first_request_runs: None
) -> None:
    began = timezone.now()

    response = post(api, "k")

    problem_of(response, 409, "idempotency_key_in_use")
    assert response["Retry-After"] == "1"
    assert timezone.now() - began < timedelta(seconds=1)


def test_other_keys_do_not_wait_for_a_request_that_still_runs(
    api: APIClient, mugs: StockLevel, first_request_runs: None
) -> None:
    assert post(api, "another").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_thirty_at_once_with_one_key_make_one_order(ada: User, mugs: StockLevel, published: Published) -> None:
    clients = [client_of(ada) for _ in range(30)]

    responses = together(*(partial(post, client, "k") for client in clients))

    assert {response.status_code for response in responses} <= {201, 409}
    assert len({response.content for response in responses if response.status_code == 201}) == 1
    assert Order.objects.count() == IdempotentAnswer.objects.count() == len(published.of(OrderPlaced)) == 1
    assert post(clients[0], "k").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_thirty_at_once_with_keys_of_their_own_make_thirty_orders(ada: User, mugs: StockLevel) -> None:
    clients = [client_of(ada) for _ in range(30)]

    responses = together(*(partial(post, client, str(uuid4())) for client in clients))

    assert [response.status_code for response in responses] == [201] * 30
    assert Order.objects.count() == 30


# --- When the database is held up ---------------------------------------------------------------------------


@pytest.fixture
def orders_are_locked(transactional_db: None) -> Iterator[Signal]:
    """Somebody has locked the orders, until the signal is set; we wait a fifth of a second for locks."""
    begun, over = Signal(), Signal()

    def lock() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
            begun.set()
            over.wait(30)
        connection.close()

    holding = Thread(target=lock)
    holding.start()
    begun.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    yield over
    over.set()
    holding.join(10)
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


def test_orders_that_are_locked_are_unavailable_and_the_key_can_be_used_again(
    api: APIClient, mugs: StockLevel, orders_are_locked: Signal
) -> None:
    response = post(api, "k")

    problem_of(response, 503, "unavailable")
    assert response["Retry-After"] == "2"
    orders_are_locked.set()
    eventually(lambda: post(api, "k").status_code == 201, "the same key makes the order now")
    assert Order.objects.count() == 1


def test_looking_at_an_order_that_is_locked_is_unavailable_too(
    api: APIClient, mugs: StockLevel, orders_are_locked: Signal
) -> None:
    response = api.get(f"{ORDERS}/{uuid4()}")

    problem_of(response, 503, "unavailable")
    assert response["Retry-After"] == "2"


# --- How long answers are kept ------------------------------------------------------------------------------


def test_answers_older_than_two_days_are_forgotten_now_and_then(
    api: APIClient, mugs: StockLevel, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(api, "old")
    post(api, "young")
    IdempotentAnswer.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=49))
    IdempotentAnswer.objects.filter(key="young").update(created_at=timezone.now() - timedelta(hours=47))
    monkeypatch.setattr("shop.sweeping.CHANCE", 1.0)

    post(api, "new")

    assert set(IdempotentAnswer.objects.values_list("key", flat=True)) == {"young", "new"}


@pytest.mark.parametrize("days", [-3, 3])
def test_a_process_whose_clock_is_days_off_forgets_nothing_and_is_not_forgotten(
    days: int, api: APIClient, mugs: StockLevel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.sweeping.CHANCE", 1.0)
    first = post(api, "early").json()

    with pytest.MonkeyPatch.context() as elsewhere:
        now = timezone.now
        elsewhere.setattr(timezone, "now", lambda: now() + timedelta(days=days))
        second = post(api, "elsewhere").json()
    post(api, "late")

    assert (post(api, "early").json(), post(api, "elsewhere").json()) == (first, second)
    assert Order.objects.count() == 3
