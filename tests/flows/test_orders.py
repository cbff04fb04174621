"""Whole stories with the programs as they are shipped: over HTTP, through every worker, into the mailbox."""

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from inventory.models import StockLevel
from notifications.models import ReceivedMail
from orders.models import Order
from shop.users.models import User
from tests.books import Balance, balance, operations
from tests.crowds import together
from tests.flows import programs
from tests.flows.customers import Customer
from tests.flows.programs import Program, Web, running, stop_all
from tests.keys import key_of
from tests.problems import problem_of
from tests.processes import eventually
from tests.shopping import IS_DECLINED, NEVER_ANSWERS, order_json

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("flows")]

AllIsWell = Callable[..., None]


@pytest.fixture(scope="module")
def environment(django_db_setup: None) -> dict[str, str]:
    return programs.environment()


@pytest.fixture(scope="module")
def url(environment: dict[str, str], folder: Path) -> Iterator[str]:
    web = Web(folder, environment)
    with running(web):
        yield web.url


@pytest.fixture(scope="module")
def workers(environment: dict[str, str], folder: Path) -> Iterator[dict[str, Program]]:
    with programs.workers(folder, environment) as workers:
        yield workers


def _reserved(sku: str) -> int:
    return StockLevel.objects.get(sku=sku).reserved


# --- One order ----------------------------------------------------------------------------------------------


def test_an_order_is_confirmed_charged_and_mailed(
    customer: Customer, workers: dict[str, Program], mugs: StockLevel, all_is_well: AllIsWell
) -> None:
    placed = customer.order("MUG-BLUE", 2)
    assert placed.status_code == 201
    order = customer.settled(placed.json()["id"])

    all_is_well()
    assert (order["status"], order["stock_status"], order["payment_status"]) == ("confirmed", "held", "captured")
    assert order["confirmed_at"] > order["placed_at"]
    assert _reserved("MUG-BLUE") == 2
    assert balance() == Balance(taken=2400)
    number = order["number"]
    assert sorted(customer.mails(about=number)) == [
        f"Receipt for your order {number}",
        f"We have received your order {number}",
        f"Your order {number} is confirmed",
    ]


def test_an_order_is_confirmed_within_a_second_or_two(
    customer: Customer, workers: dict[str, Program], mugs: StockLevel, all_is_well: AllIsWell
) -> None:
    began = time.monotonic()

    customer.settled(customer.order().json()["id"])

    assert time.monotonic() - began < 5
    all_is_well()


def test_a_declined_order_gives_back_its_stock_and_says_so(
    customer: Customer, workers: dict[str, Program], mugs: StockLevel, all_is_well: AllIsWell
) -> None:
    placed = customer.order(method=IS_DECLINED).json()
    order = customer.settled(placed["id"])

    all_is_well()
    assert (order["status"], order["cancellation_reason"]) == ("cancelled", "payment_declined")
    assert _reserved("MUG-BLUE") == 0
    assert balance() == Balance()
    assert f"Your order {order['number']} is cancelled" in customer.mails(about=order["number"])


def test_a_sold_out_order_costs_nothing_and_says_so(
    customer: Customer, workers: dict[str, Program], lamps: StockLevel, all_is_well: AllIsWell
) -> None:
    placed = customer.order("LAMP-BLACK", 2).json()
    order = customer.settled(placed["id"])

    all_is_well()
    assert (order["status"], order["cancellation_reason"]) == ("cancelled", "out_of_stock")
    assert _reserved("LAMP-BLACK") == 0
    assert balance() == Balance()
    assert operations(Order.objects.get().pk) in (["authorise", "void"], [])
    assert f"Your order {order['number']} is cancelled" in customer.mails(about=order["number"])


def test_a_gateway_that_never_says_so_has_charged_once(
    customer: Customer, workers: dict[str, Program], mugs: StockLevel, all_is_well: AllIsWell
) -> None:
    placed = customer.order(method=NEVER_ANSWERS).json()
    order = customer.settled(placed["id"])

    all_is_well()
    assert order["status"] == "confirmed"
    assert balance() == Balance(taken=1200)


def test_an_order_leaves_in_two_parts_and_arrives(
    customer: Customer, workers: dict[str, Program], mugs: StockLevel, all_is_well: AllIsWell
) -> None:
    secret, _ = key_of(User.objects.create_user("staff@example.com", is_staff=True, is_superuser=True))
    staff = Customer(customer.url, secret)
    order = customer.settled(customer.order("MUG-BLUE", 3).json()["id"])

    first = staff.ship(order["id"], lines=[{"sku": "MUG-BLUE", "quantity": 1}]).json()
    second = staff.ship(order["id"]).json()
    for shipment in (first, second):
        assert staff.note_delivered(shipment["links"]["self"]).status_code == 201
    staff.http.close()

    all_is_well()
    order = customer.look(order["id"])
    assert (order["status"], order["fulfilment_status"], order["payment_status"]) == (
        "delivered",
        "fulfilled",
        "captured",
    )
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (17, 0)
    number = order["number"]
    assert {
        f"A part of your order {number} is on its way",
        f"Your order {number} is on its way",
        f"A part of your order {number} has arrived",
        f"Your order {number} has arrived",
    } <= set(customer.mails(about=number))


# --- Many at once -------------------------------------------------------------------------------------------


def test_of_a_hundred_buyers_of_twenty_pieces_twenty_get_one(
    customer: Customer, workers: dict[str, Program], mugs: StockLevel, all_is_well: AllIsWell
) -> None:
    def buy() -> None:
        buyer = Customer(customer.url, customer.token)
        for _ in range(5):
            assert buyer.order().status_code == 201
        buyer.http.close()

    together(*[buy] * 20)
    all_is_well()

    assert Order.objects.filter(status="confirmed", payment_status="captured").count() == 20
    assert Order.objects.filter(status="cancelled", cancellation_reason="out_of_stock").count() == 80
    assert _reserved("MUG-BLUE") == 20
    assert balance() == Balance(taken=20 * 1200)


def test_the_same_request_from_thirty_connections_at_once_makes_one_order(
    customer: Customer, workers: dict[str, Program], mugs: StockLevel, all_is_well: AllIsWell
) -> None:
    buyers = [Customer(customer.url, customer.token) for _ in range(30)]

    answers = together(*(partial(buyer.order, key="the-same") for buyer in buyers))

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert Order.objects.count() == 1
    assert {buyer.insist(key="the-same")["id"] for buyer in buyers} == {str(Order.objects.get().pk)}
    all_is_well()
    for buyer in buyers:
        buyer.http.close()


def test_orders_that_are_cancelled_at_any_moment_end_with_nothing_held_and_nothing_taken(
    customer: Customer, workers: dict[str, Program], plenty: StockLevel, all_is_well: AllIsWell
) -> None:
    def buy_and_think_better_of_it() -> None:
        buyer = Customer(customer.url, customer.token)
        for thoughts in range(12):
            placed = buyer.order().json()
            time.sleep(0.03 * thoughts)
            assert buyer.cancel(placed["id"]).status_code == 201
        placed = buyer.order().json()
        assert buyer.settled(placed["id"])["status"] == "confirmed"
        assert buyer.cancel(placed["id"]).status_code == 201
        buyer.http.close()

    together(*[buy_and_think_better_of_it] * 4)
    all_is_well()

    assert set(Order.objects.values_list("status", "cancellation_reason")) == {("cancelled", "customer_request")}
    assert Order.objects.exclude(confirmed_at=None).count() >= 4
    assert _reserved("MUG-BLUE") == 0
    assert balance() == Balance()


# --- What only a real server shows --------------------------------------------------------------------------


def _post(customer: Customer, body: bytes, **headers: str) -> httpx.Response:
    fixed = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
    return customer.http.post("/orders", content=body, headers=fixed | headers)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (json.dumps(order_json(external_reference="r" * 5_000_000)).encode(), 413, "too_large"),
        (b"[" * 100_000, 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (json.dumps(order_json(external_reference="\ud800")).encode(), 400, "malformed"),
        (json.dumps(order_json(external_reference="\0")).encode(), 400, "invalid"),
        (b"", 400, "invalid"),
    ],
)
def test_bodies_that_are_no_order_are_refused_by_the_real_server_too(
    body: bytes, status: int, code: str, customer: Customer, mugs: StockLevel
) -> None:
    answer = _post(customer, body)

    problem_of(answer, status, code)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("key", "code"),
    [("x" * 10_000, "idempotency_key_invalid"), ("schl\xfcssel", "idempotency_key_missing")],  # granian drops it
)
def test_keys_that_are_strange_are_refused_by_the_real_server_too(
    key: str, code: str, customer: Customer, mugs: StockLevel
) -> None:
    headers: dict[bytes, bytes] = {b"Idempotency-Key": key.encode("latin-1"), b"Content-Type": b"application/json"}

    answer = customer.http.post("/orders", content=json.dumps(order_json()).encode(), headers=list(headers.items()))

    problem_of(answer, 400, code)


def test_a_body_in_chunks_is_told_that_its_length_is_required(customer: Customer, mugs: StockLevel) -> None:
    whole = json.dumps(order_json()).encode()

    def chunks() -> Iterator[bytes]:
        yield whole[:10]
        yield whole[10:]

    headers = {"Content-Type": "application/json", "Idempotency-Key": "chunks"}
    answer = customer.http.post("/orders", content=chunks(), headers=headers)

    problem_of(answer, 411, "length_required")
    assert not Order.objects.exists()


# --- Workers that are away ----------------------------------------------------------------------------------


def test_one_domain_may_be_away_while_the_others_go_on_and_catches_up_later(
    customer: Customer, workers: dict[str, Program], mugs: StockLevel, all_is_well: AllIsWell
) -> None:
    away = workers["inventory"]
    away.stop()
    try:
        placed = [customer.order().json()["id"] for _ in range(3)]
        eventually(lambda: balance() == Balance(held=3600), "payments holds the money meanwhile")
        eventually(lambda: ReceivedMail.objects.count() == 3, "notifications tells the customer meanwhile")
        meanwhile = [customer.look(order_id)["status"] for order_id in placed]
    finally:
        away.start()

    assert {customer.settled(order_id)["status"] for order_id in placed} == {"confirmed"}
    assert set(meanwhile) == {"placed"}
    all_is_well()


def test_with_every_worker_away_orders_are_taken_as_quickly_and_end_when_they_are_back(
    customer: Customer, workers: dict[str, Program], mugs: StockLevel, all_is_well: AllIsWell
) -> None:
    stop_all(workers.values())
    try:
        began = time.monotonic()
        answers = [customer.order() for _ in range(10)]
        seconds = time.monotonic() - began
    finally:
        for worker in workers.values():
            worker.start()

    all_is_well()
    assert {answer.status_code for answer in answers} == {201}
    assert seconds < 5
    assert Order.objects.filter(status="confirmed", payment_status="captured").count() == 10
