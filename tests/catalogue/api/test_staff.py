from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIClient

from shop.bus.models import Event
from shop.catalogue.events import ProductArchived, ProductCreated, ProductUpdated
from shop.catalogue.models import Category, Price, Product, Variant
from shop.users.models import User
from tests.conftest import Published
from tests.crowds import together
from tests.keys import client_of
from tests.problems import pointed, problem_of

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products"
PRICES = [{"currency": "EUR", "amount": 1200}]


def product_json(**changes: Any) -> dict[str, Any]:
    """The body of a valid request for a product, but for what is changed."""
    variant = {"sku": "MUG-BLUE", "options": {"colour": "blue"}, "prices": PRICES}
    return {"name": "Stoneware mug", "variants": [variant]} | changes


def variant_json(**changes: Any) -> dict[str, Any]:
    return product_json(variants=[{"sku": "MUG-BLUE"} | changes])


def post(client: APIClient, body: object = None, where: str = "", key: str = "") -> Any:  # no type of its own
    headers = {"Idempotency-Key": key or str(uuid4())}
    return client.post(f"{PRODUCTS}{where}", body, format="json", headers=headers)


def send(client: APIClient, method: str, where: str, body: object = None, *, seen: str | None = None) -> Any:
    """With the ETag that the product has now, unless another one is given."""
    tag = client.get(f"{PRODUCTS}/{where.split('/', maxsplit=1)[0]}").headers.get("ETag", "") if seen is None else seen
    headers = {"If-Match": tag} if tag else {}
    return client.generic(method, f"{PRODUCTS}/{where}", _json(body), "application/json", headers=headers)


def _json(body: object) -> Any:  # bytes, which the stubs do not know of
    return b"" if body is None else JSONRenderer().render(body)


# --- Who may ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "where"),
    [
        ("POST", ""),
        ("POST", "/bulk"),
        ("PATCH", "/{id}"),
        ("POST", "/{id}/archival"),
        ("DELETE", "/{id}/archival"),
        ("PUT", "/{id}/variants/SHIRT-S/prices/EUR"),
    ],
)
@pytest.mark.usefixtures("staff")
def test_only_staff_with_the_scope_may_change_the_catalogue(
    method: str, where: str, anonymous: APIClient, api: APIClient, shirt: Product
) -> None:
    sam = User.objects.get(email="sam@example.com")
    ask = partial(_ask, method, f"{PRODUCTS}{where.format(id=shirt.pk)}")

    problem_of(ask(anonymous), 401, "not_authenticated")
    problem_of(ask(api), 403, "staff_only")
    problem_of(ask(client_of(sam, scopes=["products:read"])), 403, "scope_missing")
    assert Product.objects.get().version == 1


def _ask(method: str, url: str, client: APIClient) -> Any:
    return client.generic(method, url, "{}", "application/json", headers={"Idempotency-Key": "k", "If-Match": "*"})


# --- Making -------------------------------------------------------------------------------------------------


def test_a_new_product_is_answered_whole_and_told(staff: APIClient, kitchen: Category, published: Published) -> None:
    image = {"url": "/media/demo/mug-blue.svg", "alt": "A mug"}

    answer = post(staff, product_json(description="Holds 350 ml.", category="mugs", images=[image]))

    product = Product.objects.get()
    body = answer.json()
    assert (answer.status_code, answer["Location"]) == (201, f"{PRODUCTS}/{product.pk}")
    assert staff.get(answer["Location"]).json() == body
    assert staff.get(answer["Location"], headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert (body["slug"], body["category"], body["images"]) == ("stoneware-mug", "mugs", [image])
    assert published == [ProductCreated.of(product)]
    assert Event.objects.get(type="product.created").actor.startswith(("user:", "key:"))


def test_a_request_sent_again_makes_one_product(staff: APIClient) -> None:
    first, second = (post(staff, product_json(), key="again") for _ in range(2))

    assert (first.json(), second["Idempotent-Replayed"]) == (second.json(), "true")
    assert Product.objects.count() == 1


_INVALID: dict[str, tuple[object, dict[str, str]]] = {
    "nothing": ({}, {"/name": "required", "/variants": "required"}),
    "a list": ([], {"": "invalid"}),
    "what is not known": (product_json(price=1), {"/price": "unknown"}),
    "an id of the client's": (product_json(id="x"), {"/id": "unknown"}),
    "no variants": (product_json(variants=[]), {"/variants": "empty"}),
    "too many variants": (product_json(variants=[{"sku": f"A{n}"} for n in range(201)]), {"/variants": "max_length"}),
    "a SKU twice": (
        product_json(variants=[{"sku": "A"}, {"sku": "A", "options": {"a": "b"}}]),
        {"/variants": "sku_repeated"},
    ),
    "options twice": (product_json(variants=[{"sku": "A"}, {"sku": "B"}]), {"/variants": "options_repeated"}),
    "a SKU with a comma": (variant_json(sku="A,B"), {"/variants/0/sku": "invalid"}),
    "a SKU with a line break": (variant_json(sku="A\nB"), {"/variants/0/sku": "invalid"}),
    "a SKU that is a number": (variant_json(sku=12), {"/variants/0/sku": "invalid"}),
    "an option with NUL in its name": (variant_json(options={"a\0": "b"}), {"/variants/0/options": "invalid"}),
    "an option with NUL": (variant_json(options={"a": "\0"}), {"/variants/0/options/a": "null_characters_not_allowed"}),
    "too many options": (variant_json(options={f"o{n}": "x" for n in range(6)}), {"/variants/0/options": "invalid"}),
    "a price below nothing": (
        variant_json(prices=[{"currency": "EUR", "amount": -1}]),
        {"/variants/0/prices/0/amount": "min_value"},
    ),
    "a price with cents": (
        variant_json(prices=[{"currency": "EUR", "amount": 12.5}]),
        {"/variants/0/prices/0/amount": "invalid"},
    ),
    "a price beyond all": (
        variant_json(prices=[{"currency": "EUR", "amount": 2**31}]),
        {"/variants/0/prices/0/amount": "max_value"},
    ),
    "a currency that is not sold in": (
        variant_json(prices=[{"currency": "XXX", "amount": 1}]),
        {"/variants/0/prices/0/currency": "invalid_choice"},
    ),
    "a currency twice": (variant_json(prices=PRICES * 2), {"/variants/0/prices": "currency_repeated"}),
    "an unknown category": (product_json(category="garden"), {"/category": "unknown_category"}),
    "a category with NUL": (product_json(category="\0"), {"/category": "null_characters_not_allowed"}),
    "a slug that is none": (product_json(slug="Blue Mug"), {"/slug": "invalid"}),
    "a slug that is an id": (product_json(slug=str(uuid4())), {"/slug": "invalid"}),
    "a slug that is an address": (product_json(slug="bulk"), {"/slug": "invalid"}),
    "a name that makes no slug": (product_json(name="王"), {"/slug": "required"}),
    "a name too long": (product_json(name="x" * 201), {"/name": "max_length"}),
    "a script as an image": (product_json(images=[{"url": "javascript:alert(1)"}]), {"/images/0/url": "invalid"}),
    "another's address as an image": (product_json(images=[{"url": "//evil.example/a"}]), {"/images/0/url": "invalid"}),
    "a backslash in an image": (product_json(images=[{"url": "/\\evil.example"}]), {"/images/0/url": "invalid"}),
    "a data URL as an image": (
        product_json(images=[{"url": "data:image/png;base64,AA"}]),
        {"/images/0/url": "invalid"},
    ),
    "an image with a line break": (
        product_json(images=[{"url": "https://a.example/\nb"}]),
        {"/images/0/url": "invalid"},
    ),
}


@pytest.mark.parametrize(("body", "wrong"), _INVALID.values(), ids=_INVALID)
def test_what_is_no_product_is_refused_member_by_member(
    body: object, wrong: dict[str, str], staff: APIClient, kitchen: Category, published: Published
) -> None:
    problem = problem_of(post(staff, body), 400, "invalid")

    assert pointed(problem) == wrong
    assert not Product.objects.exists()
    assert not Variant.objects.exists()
    assert published == []


@pytest.mark.parametrize(
    ("changes", "code", "taken"),
    [
        ({"slug": "cotton-shirt"}, "slug_taken", ["cotton-shirt"]),
        ({"name": "Cotton Shirt"}, "slug_taken", ["cotton-shirt"]),
        ({"variants": [{"sku": "SHIRT-S"}]}, "sku_taken", ["SHIRT-S"]),
    ],
)
def test_a_name_that_another_product_has_is_refused(
    changes: dict[str, Any], code: str, taken: list[str], staff: APIClient, shirt: Product
) -> None:
    problem = problem_of(post(staff, product_json(**changes)), 409, code)

    assert problem["taken"] == taken
    assert Product.objects.count() == 1


# --- Changing -----------------------------------------------------------------------------------------------


def test_what_is_left_out_of_a_change_stays(staff: APIClient, shirt: Product, published: Published) -> None:
    before = staff.get(f"{PRODUCTS}/{shirt.pk}").json()

    answer = send(staff, "PATCH", f"{shirt.pk}", {"name": "Linen shirt", "description": ""})

    changed = {"name": "Linen shirt", "description": "", "updated_at": answer.json()["updated_at"]}
    assert answer.status_code == 200
    assert answer.json() == before | changed
    assert staff.get(f"{PRODUCTS}/{shirt.pk}")["ETag"] == answer["ETag"]
    assert len(published.of(ProductUpdated)) == 1


def test_variants_and_images_are_changed_as_whole_lists(staff: APIClient, shirt: Product) -> None:
    variants = [{"sku": "SHIRT-L", "options": {"size": "L"}, "prices": PRICES}, {"sku": "SHIRT-XL"}]

    answer = send(staff, "PATCH", f"{shirt.pk}", {"variants": variants, "images": []})

    body = answer.json()
    assert [variant["sku"] for variant in body["variants"]] == ["SHIRT-L", "SHIRT-XL"]
    assert (body["variants"][0]["prices"], body["images"]) == (PRICES, [])


def test_a_change_of_nothing_changes_nothing(staff: APIClient, shirt: Product, published: Published) -> None:
    assert send(staff, "PATCH", f"{shirt.pk}", {}).status_code == 200
    assert published == []


@pytest.mark.parametrize(
    "body",
    [
        {"archived": True},
        {"id": "x"},
        {"version": 1},
        {"in_stock": True},
        {"updated_at": "2026-01-01"},
        {"variants": [{"options": {}}]},
        {"variants": [{"sku": "A", "in_stock": True}]},
        {"name": None},
        {"slug": "bulk"},
        {"variants": []},
        [],
        "name",
    ],
)
def test_what_cannot_be_changed_is_refused_and_nothing_is(
    body: object, staff: APIClient, shirt: Product, published: Published
) -> None:
    problem_of(send(staff, "PATCH", f"{shirt.pk}", body), 400, "invalid")

    assert Product.objects.get().version == 1
    assert published == []


def test_a_change_may_not_take_what_is_anothers(staff: APIClient, shirt: Product) -> None:
    post(staff, product_json())

    problem_of(send(staff, "PATCH", f"{shirt.pk}", {"slug": "stoneware-mug"}), 409, "slug_taken")
    problem_of(send(staff, "PATCH", f"{shirt.pk}", {"variants": [{"sku": "MUG-BLUE"}]}), 409, "sku_taken")

    assert list(shirt.variants.values_list("sku", flat=True)) == ["SHIRT-S", "SHIRT-L"]


@pytest.mark.parametrize(
    ("method", "where", "body"),
    [
        ("PATCH", "", {"name": "Linen shirt"}),
        ("PUT", "/variants/SHIRT-S/prices/EUR", {"amount": 1}),
        ("DELETE", "/archival", None),
    ],
)
def test_who_has_not_seen_it_as_it_is_changes_nothing(
    method: str, where: str, body: object, staff: APIClient, shirt: Product
) -> None:
    problem_of(send(staff, method, f"{shirt.pk}{where}", body, seen=""), 428, "if_match_missing")
    problem = problem_of(send(staff, method, f"{shirt.pk}{where}", body, seen='"old"'), 412, "changed_meanwhile")

    assert problem["current"] == staff.get(f"{PRODUCTS}/{shirt.pk}")["ETag"]
    assert Product.objects.get().version == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_the_same_moment_one_is_told_that_it_is_late(staff: APIClient, shirt: Product) -> None:
    tag = staff.get(f"{PRODUCTS}/{shirt.pk}")["ETag"]
    clients = [client_of(User.objects.get(email="sam@example.com")) for _ in range(2)]

    answers = together(
        *(
            partial(send, client, "PATCH", f"{shirt.pk}", {"name": f"Name {n}"}, seen=tag)
            for n, client in enumerate(clients)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert Product.objects.get().version == 2


# --- Prices and archive -------------------------------------------------------------------------------------


def test_a_price_is_put_and_its_product_tells_it(staff: APIClient, shirt: Product, published: Published) -> None:
    answer = send(staff, "PUT", f"{shirt.pk}/variants/SHIRT-L/prices/GBP", {"amount": 2200})

    assert answer.json()["variants"][1]["prices"] == [
        {"currency": "EUR", "amount": 2700},
        {"currency": "GBP", "amount": 2200},
    ]
    assert len(published.of(ProductUpdated)) == 1


@pytest.mark.parametrize("where", ["MUG/prices/EUR", "SHIRT-S/prices/XXX", "SHIRT-S/prices/eur", "%00/prices/EUR"])
def test_a_price_of_what_is_not_there_is_not_found(where: str, staff: APIClient, shirt: Product) -> None:
    problem_of(send(staff, "PUT", f"{shirt.pk}/variants/{where}", {"amount": 1}), 404, "not_found")


@pytest.mark.parametrize(
    "body", [{}, {"amount": "1"}, {"amount": -1}, {"amount": 1, "currency": "EUR"}, {"amount": None}]
)
def test_what_is_no_price_is_refused(body: object, staff: APIClient, shirt: Product) -> None:
    problem_of(send(staff, "PUT", f"{shirt.pk}/variants/SHIRT-S/prices/EUR", body), 400, "invalid")


def test_a_product_is_archived_and_restored(staff: APIClient, shirt: Product, published: Published) -> None:
    archived = post(staff, where=f"/{shirt.pk}/archival")
    again = post(staff, where=f"/{shirt.pk}/archival")
    restored = send(staff, "DELETE", f"{shirt.pk}/archival")

    assert [answer.json()["archived"] for answer in (archived, again, restored)] == [True, True, False]
    assert [type(event) for event in published] == [ProductArchived, ProductUpdated]


def test_what_is_not_there_cannot_be_changed(staff: APIClient) -> None:
    nothing = str(uuid4())

    problem_of(post(staff, where=f"/{nothing}/archival"), 404, "not_found")
    problem_of(send(staff, "PATCH", nothing, {}, seen="*"), 404, "not_found")
    assert connection.is_usable()


# --- Many at once -------------------------------------------------------------------------------------------


def test_each_item_of_many_has_its_own_result_and_the_good_ones_are_done(
    staff: APIClient, shirt: Product, published: Published
) -> None:
    items: list[Any] = [
        {"sku": "SHIRT-S", "prices": PRICES},
        {"sku": "UNHEARD-OF", "prices": PRICES},
        {"sku": "SHIRT-L", "prices": [{"currency": "EUR", "amount": "dear"}]},
        {"sku": "SHIRT-S", "prices": [{"currency": "EUR", "amount": 1}]},
        {"sku": 12, "prices": []},
        "SHIRT-L",
        None,
        {"sku": "SHIRT-L", "prices": [{"currency": "GBP", "amount": 9}]},
    ]

    answer = post(staff, {"items": items}, "/bulk")

    results = answer.json()["results"]
    codes = [(result["sku"], result["status"], result.get("problem", {}).get("code")) for result in results]
    assert answer.status_code == 207
    assert codes == [
        ("SHIRT-S", 200, None),
        ("UNHEARD-OF", 404, "not_found"),
        ("SHIRT-L", 400, "invalid"),
        ("SHIRT-S", 400, "sku_repeated"),
        (None, 400, "invalid"),
        (None, 400, "invalid"),
        (None, 400, "invalid"),
        ("SHIRT-L", 200, None),
    ]
    assert pointed(results[2]["problem"]) == {"/prices/0/amount": "invalid"}
    assert len(published.of(ProductUpdated)) == 1
    prices = Price.objects.order_by("-variant__sku", "currency").values_list("variant__sku", "currency", "amount")
    assert list(prices) == [
        ("SHIRT-S", "EUR", 1200),
        ("SHIRT-S", "USD", 2600),
        ("SHIRT-L", "EUR", 2700),
        ("SHIRT-L", "GBP", 9),
    ]


def test_one_item_or_a_thousand_may_be_sent_but_neither_none_nor_more(staff: APIClient, shirt: Product) -> None:
    item = {"sku": "SHIRT-S", "prices": PRICES}

    assert post(staff, {"items": [item]}, "/bulk").status_code == 207
    assert len(post(staff, {"items": [item] * 1000}, "/bulk").json()["results"]) == 1000
    for items in ([], [item] * 1001, None, "SHIRT-S", {"0": item}):
        assert pointed(problem_of(post(staff, {"items": items}, "/bulk"), 400, "invalid"))


def test_many_sent_again_are_done_once(staff: APIClient, shirt: Product, published: Published) -> None:
    body = {"items": [{"sku": "SHIRT-S", "prices": PRICES}]}

    first, second = (post(staff, body, "/bulk", key="again") for _ in range(2))

    assert (second.status_code, second.json()) == (207, first.json())
    assert len(published.of(ProductUpdated)) == 1
