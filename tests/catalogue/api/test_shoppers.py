import json
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from shop.catalogue import services
from shop.catalogue.models import Category, Product
from shop.money import Money
from shop.users.models import User
from tests.catalogue.conftest import sell
from tests.keys import client_of
from tests.problems import problem_of

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products"


def get(client: APIClient, query: str = "") -> Any:  # DRF's test response has no type of its own
    return client.get(f"{PRODUCTS}{query}")


def names(client: APIClient, query: str = "") -> list[str]:
    answer = get(client, query)
    assert answer.status_code == 200, answer.content
    return [product["name"] for product in answer.json()["results"]]


@pytest.fixture
def shelf(kitchen: Category) -> None:
    """Four things, oldest first, at different prices; one is sold out, of one nothing is known, one is for dollars."""
    mugs, espresso = Category.objects.get(slug="mugs"), Category.objects.get(slug="espresso")
    sell("Blue mug", amount=1200, category=mugs, there=True)
    sell("Espresso cup", amount=900, category=espresso, there=False, description="A small mug.")
    sell("apron", amount=3400, category=kitchen, there=True)
    sell("Dollar bowl", amount=1000, currency="USD")


# --- One product --------------------------------------------------------------------------------------------


def test_a_product_is_shown_whole_by_its_id_and_by_its_slug(anonymous: APIClient, shirt: Product) -> None:
    services.note_availability(available={"SHIRT-S": True})

    by_id, by_slug = get(anonymous, f"/{shirt.pk}"), get(anonymous, "/cotton-shirt")

    body = dict(by_id.json())
    assert body.pop("updated_at").endswith("Z")
    assert body == {
        "id": str(shirt.pk),
        "slug": "cotton-shirt",
        "name": "Cotton shirt",
        "description": "Soft and washable.",
        "category": None,
        "images": [{"url": "https://cdn.example.com/shirt.webp", "alt": "A shirt"}],
        "variants": [
            {
                "sku": "SHIRT-S",
                "options": {"size": "S"},
                "in_stock": True,
                "prices": [{"currency": "EUR", "amount": 2400}, {"currency": "USD", "amount": 2600}],
            },
            {
                "sku": "SHIRT-L",
                "options": {"size": "L"},
                "in_stock": False,
                "prices": [{"currency": "EUR", "amount": 2700}],
            },
        ],
        "archived": False,
        "links": {"self": f"/api/v1/products/{shirt.pk}"},
    }
    assert by_slug.json() == by_id.json()
    assert by_slug["Cache-Control"] == "public, max-age=0, must-revalidate"


@pytest.mark.parametrize("query", ["", "/cotton-shirt"])
def test_who_has_it_already_is_sent_it_again_only_when_something_shown_has_changed(
    query: str, anonymous: APIClient, shirt: Product
) -> None:
    tag = get(anonymous, query)["ETag"]
    again = anonymous.get(f"{PRODUCTS}{query}", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")

    for change in (
        lambda: services.note_availability(available={"SHIRT-S": True}),
        lambda: services.reprice(prices={"SHIRT-S": [Money(1, "EUR")]}),
    ):
        change()
        answer = anonymous.get(f"{PRODUCTS}{query}", headers={"If-None-Match": tag})
        assert answer.status_code == 200
        tag = answer["ETag"]


@pytest.mark.parametrize(
    "key", ["0199ab3c-4f0e-7d3b-9a52-1f6f0c9c6f10", "unheard-of", "Cotton-Shirt", "cotton%00shirt", "x" * 500]
)
def test_what_is_not_there_is_not_found(key: str, anonymous: APIClient, shirt: Product) -> None:
    problem_of(get(anonymous, f"/{key}"), 404, "not_found")


def test_what_is_archived_is_gone_for_everybody_but_staff(
    anonymous: APIClient, staff: APIClient, shirt: Product
) -> None:
    services.archive(product=shirt)
    customer = client_of(User.objects.create_user("bob@example.com"))
    clerk = client_of(User.objects.get(email="sam@example.com"), scopes=["orders:read"])

    for client in (anonymous, customer, clerk):
        problem = get(client, "/cotton-shirt")
        problem_of(problem, 410, "product_archived")
        assert problem["Cache-Control"] == "no-store"
        problem_of(get(client, "?archived=true"), 403, "staff_only")
        assert names(client) == []

    seen = get(staff, f"/{shirt.pk}")
    assert (seen.json()["archived"], seen["Cache-Control"]) == (True, "no-store")
    assert names(staff) == []
    assert names(staff, "?archived=true") == ["Cotton shirt"]
    assert get(staff, "?archived=true")["Cache-Control"] == "no-store"


# --- Looking for products -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Dollar bowl", "apron", "Espresso cup", "Blue mug"]),
        ("?sort=name", ["apron", "Blue mug", "Dollar bowl", "Espresso cup"]),
        ("?sort=price", ["Espresso cup", "Blue mug", "apron"]),
        ("?sort=-price", ["apron", "Blue mug", "Espresso cup"]),
        ("?sort=price&currency=USD", ["Dollar bowl"]),
        ("?currency=GBP", []),
        ("?q=mug", ["Blue mug", "Espresso cup"]),
        ("?q=mug&sort=newest", ["Espresso cup", "Blue mug"]),
        ("?q=mug&sort=price", ["Espresso cup", "Blue mug"]),
        ("?q=", ["Dollar bowl", "apron", "Espresso cup", "Blue mug"]),
        ("?category=kitchen", ["apron", "Espresso cup", "Blue mug"]),
        ("?category=mugs", ["Espresso cup", "Blue mug"]),
        ("?category=espresso&q=mug", ["Espresso cup"]),
        ("?in_stock=true", ["apron", "Blue mug"]),
        ("?in_stock=false", ["Dollar bowl", "Espresso cup"]),
        ("?price[gte]=1000", ["apron", "Blue mug"]),
        ("?price[lte]=1000", ["Espresso cup"]),
        ("?price[gte]=900&price[lte]=1200", ["Espresso cup", "Blue mug"]),
        ("?price[gte]=1000&currency=USD", ["Dollar bowl"]),
        ("?sku=APRON", ["apron"]),
        ("?sku=APRON,BLUE-MUG,NOTHING", ["apron", "Blue mug"]),
        ("?sku=APRON&sku=BLUE-MUG", ["apron", "Blue mug"]),
        ("?sku=apron", []),
        ("?sku=APRON&in_stock=false", []),
        ("?category=kitchen&in_stock=true&price[lte]=2000&q=mug&sort=-price", ["Blue mug"]),
    ],
)
def test_products_are_found_by_what_is_asked_for(
    query: str, expected: list[str], anonymous: APIClient, shelf: None
) -> None:
    assert names(anonymous, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?price[gte]=2500", True),  # the large one
        ("?price[gte]=2500&price[lte]=2600", False),  # in dollars only
        ("?price[gte]=2500&in_stock=true", False),  # the small one is there
        ("?price[gte]=2500&in_stock=false", True),
        ("?price[lte]=2500&in_stock=true", True),
        ("?in_stock=false", False),
        ("?sku=SHIRT-L&in_stock=true", False),
        ("?sku=SHIRT-S&in_stock=true", True),
    ],
)
def test_conditions_are_met_by_one_variant_together(
    query: str,
    expected: bool,  # noqa: FBT001
    anonymous: APIClient,
    shirt: Product,
) -> None:
    services.note_availability(available={"SHIRT-S": True, "SHIRT-L": False})

    assert names(anonymous, query) == (["Cotton shirt"] if expected else [])


@pytest.mark.parametrize("sort", ["newest", "name", "price", "-price", "relevance"])
def test_every_order_can_be_paged_through_and_back(sort: str, anonymous: APIClient) -> None:
    for number in range(7):
        sell(f"Mug {number}", amount=1000 + 100 * (number // 2), description="mug " * number)
    query = f"?q=mug&sort={sort}"
    everything = names(anonymous, query)

    forwards, last = _walk(anonymous, f"{PRODUCTS}{query}&limit=3", "next")
    backwards, _ = _walk(anonymous, last, "previous")

    assert len(everything) == 7
    assert [name for page in forwards for name in page] == everything
    assert backwards == forwards[::-1]


def _walk(client: APIClient, url: str, link: str) -> tuple[list[list[str]], str]:
    pages, here = [], url
    while url:
        here, body = url, client.get(url).json()
        pages.append([product["name"] for product in body["results"]])
        url = body[link]
    return pages, here


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("?category=garden", "category", "unknown_category"),
        ("?category=%00", "category", "null_characters_not_allowed"),
        ("?price[gte]=2&price[lte]=1", "price[lte]", "bounds_reversed"),
        ("?price[gte]=-1", "price[gte]", "min_value"),
        ("?price[gte]=1.5", "price[gte]", "invalid"),
        ("?price[lte]=99999999999999999999", "price[lte]", "max_value"),
        ("?price[lte]=NaN", "price[lte]", "invalid"),
        ("?price[gt]=1", "price[gt]", "unknown"),
        ("?currency=XXX", "currency", "invalid_choice"),
        ("?currency=eur", "currency", "invalid_choice"),
        ("?in_stock=maybe", "in_stock", "invalid_choice"),
        ("?in_stock=1", "in_stock", "invalid_choice"),
        ("?sku=%00", "sku", "invalid"),
        (f"?sku={','.join(map(str, range(101)))}", "sku", "invalid"),
        (f"?q={'x' * 201}", "q", "max_length"),
        (f"?q={'x' * 10_000}", "q", "max_length"),
        ("?q=%00", "q", "null_characters_not_allowed"),
        ("?sort=cheapest", "sort", "invalid_choice"),
        ("?sort=relevance", "sort", "invalid_choice"),
        ("?cursor=forged", "cursor", "cursor_invalid"),
        ("?colour=blue", "colour", "unknown"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(
    query: str, parameter: str, code: str, anonymous: APIClient, shelf: None
) -> None:
    problem = problem_of(get(anonymous, query), 400, "invalid")

    assert [(error["parameter"], error["code"]) for error in problem["errors"]] == [(parameter, code)]


@pytest.mark.parametrize(
    "text", ["%26 | ! : * ( ) ' \\", "%ED%A0%80", "%F0%9F%A6%8A", "'%20OR%201=1--", "%25", "&q=mug"]
)
@pytest.mark.parametrize("prefer", ["", "count=estimated"])
def test_whatever_is_looked_for_is_answered(text: str, prefer: str, anonymous: APIClient, shelf: None) -> None:
    answer = anonymous.get(f"{PRODUCTS}?q={text}", headers={"Prefer": prefer})

    assert answer.status_code == 200


def test_a_cursor_is_good_for_its_search_only(anonymous: APIClient, shelf: None) -> None:
    cursor = get(anonymous, "?limit=1&q=mug").json()["next"].partition("cursor=")[2]

    problem_of(get(anonymous, f"?limit=1&q=cup&cursor={cursor}"), 400, "invalid")


# --- What it costs ------------------------------------------------------------------------------------------


def _queries(client: APIClient, urls: Iterable[str]) -> list[int]:
    counts = []
    for url in urls:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    return counts


def test_a_page_takes_as_many_queries_as_a_product_however_long_it_is(anonymous: APIClient) -> None:
    for number in range(12):
        sell(f"Mug {number}", there=True)

    counts = _queries(anonymous, [f"{PRODUCTS}?limit=2", f"{PRODUCTS}?limit=12", f"{PRODUCTS}/mug-3"])

    assert counts == [4, 4, 4]  # products, their variants, prices and images


def test_what_is_looked_for_takes_two_queries_more_at_most(anonymous: APIClient, shelf: None) -> None:
    query = f"{PRODUCTS}?q=mug&category=kitchen&in_stock=true&price[gte]=1&sort=price"

    assert _queries(anonymous, [query]) == [6]  # and whether anything has these words, and the tree


def test_the_answer_does_not_name_how_many_there_are(anonymous: APIClient, shirt: Product) -> None:
    assert not {"quantity", "on_hand", "available"} & set(json.dumps(get(anonymous).json()).split('"'))
