"""Customers who order at the same moment, in one transaction."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event as Signal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.test import APIClient

from inventory.models import StockLevel
from orders.api.placing import place_together
from orders.models import Order
from orders.services import NewLine, NewOrder
from shop.api.answering import Wish
from shop.api.answers import Claim
from shop.bus import Context
from shop.bus.reading import story
from shop.users.models import User
from tests.crowds import together
from tests.keys import client_of
from tests.orders.api.customers import post
from tests.processes import eventually
from tests.shopping import ADDRESS, order_json


def _wish(customer: User, sku: str, name: str) -> Wish:
    order = NewOrder(
        customer=customer,
        lines=[NewLine(sku=sku, quantity=1)],
        currency="EUR",
        shipping_address=ADDRESS,
        payment_method="pm_card_visa",
    )
    cause = Context(f"request-{name}", f"request-{name}", f"user:{name}")
    return Wish(Claim(name, name, name), b"", cause, order)


@pytest.mark.django_db
def test_each_order_is_news_of_its_own_request_and_what_is_not_for_sale_is_told_to_whom_it_concerns(
    ada: User, mugs: StockLevel
) -> None:
    first, refused, second = (_wish(ada, *each) for each in [("MUG-BLUE", "a"), ("UNHEARD-OF", "b"), ("MUG-BLUE", "c")])

    answers = place_together([first, refused, second])

    assert [type(each) for each in answers] == [Response, ValidationError, Response]
    assert {order.pk for order in Order.objects.all()} == {first.wanted.id, second.wanted.id}
    for wish in (first, second):
        (placed,) = story(str(wish.wanted.id))
        told = placed.event
        assert (told.correlation_id, told.causation_id, told.actor) == (
            wish.cause.correlation,
            wish.cause.causation,
            wish.cause.actor,
        )


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_each_gets_what_it_asked_for(ada: User, mugs: StockLevel) -> None:
    bodies = [order_json(external_reference=str(number)) for number in range(24)]
    bodies[5] = order_json({"sku": "UNHEARD-OF", "quantity": 1})
    bodies[9] = order_json(currency="eur")

    answers = together(*(partial(post, client_of(ada), body, str(uuid4())) for body in bodies))

    assert [number for number, answer in enumerate(answers) if answer.status_code != 201] == [5, 9]
    assert [answers[number].json()["errors"][0]["pointer"] for number in (5, 9)] == ["/lines/0/sku", "/currency"]
    for number in {*range(24)} - {5, 9}:
        assert answers[number].json()["external_reference"] == str(number)
    assert Order.objects.count() == 22


@pytest.fixture
def bob_is_locked(transactional_db: None) -> Iterator[APIClient]:
    """A customer whose row somebody holds, as long as the test lasts."""
    bob = User.objects.create_user("bob@example.com")
    client, begun, over = client_of(bob), Signal(), Signal()

    def hold() -> None:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=bob.pk)
            begun.set()
            over.wait(30)
        connection.close()

    with ThreadPoolExecutor(1) as threads:
        threads.submit(hold)
        begun.wait(10)
        yield client
        over.set()


def test_who_has_to_wait_for_a_lock_keeps_nobody_else_waiting(
    ada: User, mugs: StockLevel, bob_is_locked: APIClient
) -> None:
    with ThreadPoolExecutor(1) as threads:
        bobs = threads.submit(_posted_with_patience, bob_is_locked)
        eventually(_somebody_waits, "he waits for the lock")
        others = together(*[partial(post, client_of(ada), order_json())] * 8)

        assert [answer.status_code for answer in others] == [201] * 8
        assert not bobs.done()
        assert bobs.result(10).status_code == 503


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def _posted_with_patience(client: APIClient) -> Any:  # as `post`
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
    try:
        return post(client, order_json())
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_an_order_takes_a_question_who_asks_and_six_statements_in_a_transaction(
    api: APIClient,
    mugs: StockLevel,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr("shop.sweeping.CHANCE", 0.0)
    post(api, order_json())  # which also notes that the API key is in use

    with django_assert_num_queries(9):  # who asks; begin, the key, prices, lines, the order, answer, news, commit
        assert post(api, order_json()).status_code == 201
