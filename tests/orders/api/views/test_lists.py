"""Lists of orders: whose, in which order, narrowed by what."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from inventory.models import StockLevel
from orders import services
from orders.models import Order, Reason
from shop.users.models import User
from tests.keys import client_of
from tests.orders.api.customers import ORDERS
from tests.problems import problem_of
from tests.shopping import place

_BEGAN = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def orders(ada: User, mugs: StockLevel) -> list[Order]:
    """Three of Ada's, a day apart, the oldest first; the oldest is cancelled, and the second has a reference."""
    made = [place(ada, {"MUG-BLUE": 1}) for _ in range(3)]
    services.cancel(orders={made[0].pk: Reason.OUT_OF_STOCK})
    for days, order in enumerate(made):
        order.refresh_from_db()
        order.placed_at = _BEGAN + timedelta(days=days)
        order.external_reference = "web-8812" if days == 1 else ""
        order.save()
    return made


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.com")


@pytest.fixture
def staff(db: None) -> APIClient:
    return client_of(User.objects.create_user("staff@example.com", is_staff=True, is_superuser=True))


def _listed(client: APIClient, query: str = "") -> list[str]:
    answer = client.get(f"{ORDERS}?{query}")
    assert answer.status_code == 200, answer.content
    return [order["number"] for order in answer.json()["results"]]


def _numbers(*orders: Order) -> list[str]:
    return [str(order.number) for order in orders]


def test_a_customer_sees_their_orders_with_the_newest_first(api: APIClient, orders: list[Order]) -> None:
    assert _listed(api) == _numbers(*reversed(orders))
    assert _listed(api, "sort=oldest") == _numbers(*orders)


def test_an_order_in_a_list_looks_as_it_does_alone(api: APIClient, orders: list[Order]) -> None:
    answer = api.get(ORDERS)

    assert answer.json()["results"][0] == api.get(f"{ORDERS}/{orders[2].pk}").json()
    assert answer["Cache-Control"] == "no-store"


def test_nobody_sees_the_orders_of_somebody_else(bob: User, orders: list[Order]) -> None:
    assert _listed(client_of(bob)) == []


def test_staff_see_the_orders_of_everybody(staff: APIClient, bob: User, orders: list[Order]) -> None:
    newest = place(bob, {"MUG-BLUE": 1})

    assert _listed(staff) == _numbers(newest, *reversed(orders))


def test_pages_lead_through_all_of_the_orders(api: APIClient, orders: list[Order]) -> None:
    first = api.get(f"{ORDERS}?limit=2&status=placed,cancelled").json()
    second = api.get(first["next"]).json()

    assert [order["number"] for page in (first, second) for order in page["results"]] == _numbers(*reversed(orders))
    assert second["next"] is None


_OF_CUSTOMERS: dict[str, list[int]] = {
    "status=cancelled": [0],
    "status=placed": [2, 1],
    "status=placed,cancelled": [2, 1, 0],
    "status=confirmed": [],
    "placed_at[gte]=2026-11-02T12:00:00Z": [2, 1],
    "placed_at[gt]=2026-11-02T12:00:00Z": [2],
    "placed_at[lte]=2026-11-02T12:00:00Z": [1, 0],
    "placed_at[lt]=2026-11-02T12:00:00Z": [0],
    "placed_at[gte]=2026-11-02&placed_at[lt]=2026-11-03": [1],
    "placed_at[gte]=2026-11-02T13:00:00%2B01:00": [2, 1],
    "external_reference=web-8812": [1],
    "external_reference=WEB-8812": [],
    "external_reference=' OR 1=1 --": [],
    "number=9223372036854775807": [],
    "number=10": [],
}


@pytest.mark.parametrize("query", _OF_CUSTOMERS)
def test_a_list_is_narrowed_by_what_is_asked_for(query: str, api: APIClient, orders: list[Order]) -> None:
    assert _listed(api, query) == _numbers(*(orders[place] for place in _OF_CUSTOMERS[query]))


def test_an_order_is_found_by_its_number(api: APIClient, orders: list[Order]) -> None:
    assert _listed(api, f"number={orders[1].number}") == _numbers(orders[1])


@pytest.mark.parametrize(
    "query",
    [
        "status=lost",
        "status=placed,lost",
        "status=%00",
        "status=",
        "placed_at[gte]=",
        "placed_at[gte]=yesterday",
        "placed_at[lt]=2026-13-01",
        "placed_at[lt]=99999-01-01",
        "external_reference=%00",
        "number=ten",
        "number=0",
        "number=-1",
        "number=1.5",
        "number=1e3",
        "number=9223372036854775808",
        "number=" + "9" * 5000,
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_by_its_name(query: str, api: APIClient, orders: list[Order]) -> None:
    problem = problem_of(api.get(f"{ORDERS}?{query}"), 400, "invalid")

    assert problem["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("name", ["email", "customer", "stauts", "placed_at", "placed_at__gte", "total[gte]"])
def test_what_a_customer_cannot_ask_for_is_unknown_to_them(name: str, api: APIClient, orders: list[Order]) -> None:
    problem = problem_of(api.get(f"{ORDERS}?{name}=ada@example.com"), 400, "invalid")

    assert problem["errors"] == [{"parameter": name, "code": "unknown", "detail": "This parameter is not known here."}]


def test_staff_find_orders_by_whose_they_are(staff: APIClient, bob: User, ada: User, orders: list[Order]) -> None:
    of_bob = place(bob, {"MUG-BLUE": 1})

    assert _listed(staff, "email=Bob@Example.com") == _numbers(of_bob)
    assert _listed(staff, f"customer={bob.pk}") == _numbers(of_bob)
    assert _listed(staff, f"customer={ada.pk}&status=cancelled") == _numbers(orders[0])
    assert _listed(staff, "email=nobody@example.com") == []


@pytest.mark.parametrize("query", ["customer=bob", "customer=", "email=%00"])
def test_staff_who_ask_for_nobody_are_told_so(query: str, staff: APIClient, orders: list[Order]) -> None:
    problem_of(staff.get(f"{ORDERS}?{query}"), 400, "invalid")


def test_a_list_of_any_length_asks_the_database_equally_often(
    api: APIClient, ada: User, mugs: StockLevel, lamps: StockLevel
) -> None:
    place(ada, {"MUG-BLUE": 1})
    with CaptureQueriesContext(connection) as short:
        _listed(api)
    for _ in range(5):
        place(ada, {"MUG-BLUE": 1, "LAMP-BLACK": 1})
    with CaptureQueriesContext(connection) as long:
        assert len(_listed(api)) == 6

    assert len(short) == len(long) == 3  # the token with its user, the orders, their lines


# --- The indexes --------------------------------------------------------------------------------------------

_INDEXED: dict[str, Callable[[], Any]] = {
    "order_list_of_customer": lambda: Order.objects.filter(customer=User.objects.get(email="ada@example.com")),
    "order_list_by_status": lambda: Order.objects.filter(status__in=["confirmed"]),
    "order_list_by_reference": lambda: Order.objects.filter(external_reference="web-8812"),
    "order_list": Order.objects.all,
}


@pytest.mark.parametrize("index", _INDEXED)
def test_a_page_of_each_list_can_be_walked_by_an_index(index: str, orders: list[Order]) -> None:
    others = ", ".join(name for name in _INDEXED if name != index)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"DROP INDEX {others}")  # to walk through so few rows, any of them would do

    plan = _INDEXED[index]().order_by("-placed_at", "-id")[:21].explain()

    assert f"using {index} " in plan
    assert "Sort" not in plan
