import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from inventory.models import StockLevel
from orders import services
from orders.events import OrderPlaced
from orders.models import Order, Reason
from shop.api.models import IdempotentAnswer
from shop.api.scopes import SCOPES
from shop.bus.models import Delivery, Event
from shop.users.models import ApiKey, User
from tests.conftest import Published
from tests.keys import client_of
from tests.orders.api.customers import ORDERS, get, post
from tests.problems import AnyResponse, pointed, problem_of
from tests.shelves import offer
from tests.shopping import ADDRESS, order_json, place


def post_bytes(
    client: APIClient, body: bytes, content_type: str = "application/json", key: str = ""
) -> Any:  # as above
    headers = {"Idempotency-Key": key or str(uuid4())}
    return client.generic("POST", ORDERS, body, content_type, headers=headers)  # type: ignore[arg-type]  # it takes bytes


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.com", name="Bob")


# --- Placing an order ---------------------------------------------------------------------------------------


def test_placing_an_order_answers_with_all_of_it_and_where_to_watch_it(api: APIClient, mugs: StockLevel) -> None:
    response = post(api, order_json({"sku": "MUG-BLUE", "quantity": 2}, external_reference="web-8812"))

    order = Order.objects.get()
    here = f"/api/v1/orders/{order.pk}"
    assert response.status_code == 201
    assert response["Content-Type"] == "application/json"
    assert (response["Location"], response["ETag"], response["Cache-Control"]) == (here, '"1"', "no-store")
    body = json.loads(response.content)
    placed_at = datetime.fromisoformat(body.pop("placed_at"))
    line = {"sku": "MUG-BLUE", "name": "Blue mug", "quantity": 2, "unit_price": 1200, "total": 2400}
    line |= {"shipped": 0, "returned": 0}
    parts = ("events", "cancellation", "shipments", "returns")
    assert body == {
        "id": str(order.pk),
        "number": str(order.number),
        "customer": str(order.customer_id),
        "guest": None,
        "status": "placed",
        "stock_status": "pending",
        "payment_status": "pending",
        "fulfilment_status": "unfulfilled",
        "return_status": "none",
        "cancellation_reason": "",
        "cancelled_by": "",
        "currency": "EUR",
        "total": 2400,
        "lines": [line],
        "shipping_address": ADDRESS,
        "external_reference": "web-8812",
        "confirmed_at": None,
        "shipped_at": None,
        "delivered_at": None,
        "cancelled_at": None,
        "links": {"self": here, "payments": f"/api/v1/payments?order={order.pk}"}
        | {each: f"{here}/{each}" for each in parts},
    }
    assert abs(datetime.now(UTC) - placed_at) < timedelta(minutes=1)


def test_times_are_told_in_utc(api: APIClient, mugs: StockLevel) -> None:
    response = post(api, order_json())

    assert response.json()["placed_at"].endswith("Z")


def test_a_placed_order_belongs_to_who_asked_and_is_news_with_its_actor(
    api: APIClient, ada: User, mugs: StockLevel, published: Published
) -> None:
    post(api, order_json())

    order = Order.objects.get()
    assert order.customer == ada
    assert published == [OrderPlaced.of(order)]
    assert Event.objects.get(type="order.placed").actor == f"key:{ApiKey.objects.get(owner=ada).pk}"


def test_an_order_may_have_two_hundred_lines_and_ten_thousand_pieces_in_each(api: APIClient, db: None) -> None:
    for number in range(200):
        offer(f"THING-{number}", amount=10_000_00)

    response = post(api, order_json(*({"sku": f"THING-{number}", "quantity": 10_000} for number in range(200))))

    assert response.status_code == 201
    assert response.json()["total"] == 200 * 10_000 * 10_000_00


def test_every_part_of_an_address_that_may_be_sent_comes_back(api: APIClient, mugs: StockLevel) -> None:
    address = ADDRESS | {"name": "Zoë 王 🦊", "line2": 'c/o "Bob" <b>', "region": ""}

    response = post(api, order_json(shipping_address=address))

    assert response.status_code == 201
    assert response.json()["shipping_address"] == address


# --- Bodies that are not an order ---------------------------------------------------------------------------

_LINE = {"sku": "MUG-BLUE", "quantity": 1}


def _line(**changes: Any) -> dict[str, Any]:  # whatever is wrong in it
    return order_json(_LINE | changes)


def _address(**changes: Any) -> dict[str, Any]:  # whatever is wrong in it
    return order_json(shipping_address=ADDRESS | changes)


def _without(name: str) -> dict[str, Any]:
    whole = order_json()
    del whole[name]
    return whole


_INVALID: dict[str, tuple[object, dict[str, str]]] = {
    "an unknown member": (order_json(coupon="x"), {"/coupon": "unknown"}),
    "an unknown member in a line": (_line(unit_price=1), {"/lines/0/unit_price": "unknown"}),
    "an unknown member in the address": (_address(planet="Mars"), {"/shipping_address/planet": "unknown"}),
    "an unknown member that needs escaping": (order_json(**{"a/b~c": 1}), {"/a~1b~0c": "unknown"}),
    "an unknown member with NUL in its name": (order_json(**{"a\0b": 1}), {"/a\0b": "unknown"}),
    "nothing at all": (
        {},
        dict.fromkeys(("/lines", "/currency", "/shipping_address", "/payment_method"), "required"),
    ),
    "no lines": (_without("lines"), {"/lines": "required"}),
    "no currency": (_without("currency"), {"/currency": "required"}),
    "no address": (_without("shipping_address"), {"/shipping_address": "required"}),
    "no payment method": (_without("payment_method"), {"/payment_method": "required"}),
    "null lines": (order_json(lines=None), {"/lines": "null"}),
    "null currency": (order_json(currency=None), {"/currency": "null"}),
    "null address": (order_json(shipping_address=None), {"/shipping_address": "null"}),
    "null reference": (order_json(external_reference=None), {"/external_reference": "null"}),
    "empty lines": (order_json(lines=[]), {"/lines": "empty"}),
    "lines that are one line": (order_json(lines=_LINE), {"/lines": "not_a_list"}),
    "lines that are text": (order_json(lines="MUG-BLUE"), {"/lines": "not_a_list"}),
    "a line that is text": (order_json(lines=["MUG-BLUE"]), {"/lines/0": "invalid"}),
    "a line that is null": (order_json(lines=[_LINE, None]), {"/lines/1": "null"}),
    "a line that is a list": (order_json(lines=[[_LINE]]), {"/lines/0": "invalid"}),
    "201 lines": (
        order_json(*({"sku": f"S-{number}", "quantity": 1} for number in range(201))),
        {"/lines": "max_length"},
    ),
    "a SKU twice": (order_json(_LINE, _LINE), {"/lines": "sku_repeated"}),
    "a SKU twice in other spelling of the same": (
        order_json(_LINE, {"sku": " MUG-BLUE ", "quantity": 1}),
        {"/lines": "sku_repeated"},
    ),
    "an unknown SKU": (order_json(_LINE, {"sku": "UNHEARD-OF", "quantity": 1}), {"/lines/1/sku": "not_for_sale"}),
    "another currency": (order_json(currency="CHF"), {"/lines/0/sku": "not_for_sale"}),
    "no SKU": (order_json({"quantity": 1}), {"/lines/0/sku": "required"}),
    "an empty SKU": (_line(sku=""), {"/lines/0/sku": "blank"}),
    "a SKU that is a number": (_line(sku=12), {"/lines/0/sku": "invalid"}),
    "a SKU that is true": (_line(sku=True), {"/lines/0/sku": "invalid"}),
    "a SKU that is an object": (_line(sku={}), {"/lines/0/sku": "invalid"}),
    "a SKU that is too long": (_line(sku="X" * 65), {"/lines/0/sku": "max_length"}),
    "a SKU with NUL": (_line(sku="MUG\0BLUE"), {"/lines/0/sku": "null_characters_not_allowed"}),
    "no quantity": (order_json({"sku": "MUG-BLUE"}), {"/lines/0/quantity": "required"}),
    "a quantity that is text": (_line(quantity="2"), {"/lines/0/quantity": "invalid"}),
    "a quantity that is a fraction": (_line(quantity=1.5), {"/lines/0/quantity": "invalid"}),
    "a quantity with a point": (_line(quantity=2.0), {"/lines/0/quantity": "invalid"}),
    "a quantity that is true": (_line(quantity=True), {"/lines/0/quantity": "invalid"}),
    "a quantity that is null": (_line(quantity=None), {"/lines/0/quantity": "null"}),
    "a quantity of a milliard": (_line(quantity=10**9), {"/lines/0/quantity": "max_value"}),
    "a quantity of four thousand digits": (_line(quantity=10**4000), {"/lines/0/quantity": "max_value"}),
    "a quantity just too high": (_line(quantity=10_001), {"/lines/0/quantity": "max_value"}),
    "a quantity of zero": (_line(quantity=0), {"/lines/0/quantity": "min_value"}),
    "a quantity below zero": (_line(quantity=-1), {"/lines/0/quantity": "min_value"}),
    "a currency in small letters": (order_json(currency="eur"), {"/currency": "invalid"}),
    "a currency of four letters": (order_json(currency="EURO"), {"/currency": "invalid"}),
    "a currency with a line break": (order_json(currency="EUR\n"), {}),
    "a currency with NUL": (order_json(currency="EU\0"), {"/currency": "invalid"}),
    "a currency that is a number": (order_json(currency=978), {"/currency": "invalid"}),
    "a currency that is a list": (order_json(currency=["EUR"]), {"/currency": "invalid"}),
    "an address that is text": (order_json(shipping_address="Berlin"), {"/shipping_address": "invalid"}),
    "an address without a name": (
        order_json(shipping_address={name: value for name, value in ADDRESS.items() if name != "name"}),
        {"/shipping_address/name": "required"},
    ),
    "an address with an empty city": (_address(city=" "), {"/shipping_address/city": "blank"}),
    "an address with NUL": (_address(line1="a\0"), {"/shipping_address/line1": "null_characters_not_allowed"}),
    "an address in an unknown country": (_address(country="Germany"), {"/shipping_address/country": "invalid"}),
    "an address whose name is a list": (_address(name=["Ada"]), {"/shipping_address/name": "invalid"}),
    "an address whose name is too long": (_address(name="A" * 201), {"/shipping_address/name": "max_length"}),
    "a payment method that is empty": (order_json(payment_method=""), {"/payment_method": "blank"}),
    "a payment method that is too long": (order_json(payment_method="p" * 201), {"/payment_method": "max_length"}),
    "a payment method with NUL": (order_json(payment_method="\0"), {"/payment_method": "null_characters_not_allowed"}),
    "a reference that is a number": (order_json(external_reference=8812), {"/external_reference": "invalid"}),
    "a reference that is too long": (order_json(external_reference="r" * 201), {"/external_reference": "max_length"}),
    "several mistakes at once": (
        order_json(_LINE | {"quantity": 0}, {"sku": "", "quantity": "1"}, currency="x"),
        {
            "/lines/0/quantity": "min_value",
            "/lines/1/sku": "blank",
            "/lines/1/quantity": "invalid",
            "/currency": "invalid",
        },
    ),
    "a list": ([order_json()], {"": "invalid"}),
    "text": ("order", {"": "invalid"}),
    "a number": (12, {"": "invalid"}),
    "null": (None, {"": "null"}),
    "true": (True, {"": "invalid"}),
}
_INVALID.pop("a currency with a line break")


@pytest.mark.parametrize("case", _INVALID)
def test_a_body_that_is_not_an_order_is_refused_with_pointers_and_leaves_its_key_usable(
    case: str, api: APIClient, mugs: StockLevel
) -> None:
    body, errors = _INVALID[case]

    response = post_bytes(api, json.dumps(body).encode(), key="the-key")

    problem = problem_of(response, 400, "invalid")
    assert pointed(problem) == errors
    _assert_nothing_was_kept()
    assert post(api, order_json(), key="the-key").status_code == 201


_MALFORMED = {
    "a blank": b" ",
    "half an object": b'{"lines": [',
    "two objects": b"{}{}",
    "a comma too much": b'{"currency": "EUR",}',
    "single quotes": b"{'currency': 'EUR'}",
    "not a number": b'{"total": NaN}',
    "infinity": b'{"total": Infinity}',
    "a number of five thousand digits": b'{"total": ' + b"9" * 5000 + b"}",
    "invalid UTF-8": b'{"currency": "\xff\xfe"}',
    "half a UTF-8 character": '{"currency": "ü"}'.encode()[:-3],
    "UTF-16": '{"currency": "EUR"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "half a character in a value": json.dumps(_line(sku="MUG\ud800")).encode(),
    "half a character in a name": json.dumps(order_json(**{"\udfff": 1})).encode(),
    "a number beyond all bounds": b'{"total": 1e400}',
    "a bare NUL": b"\0",
    "a NUL in a string": b'{"currency": "E\0R"}',
    "a form": b"currency=EUR&lines=1",
    "lists a hundred thousand deep": b"[" * 100_000 + b"]" * 100_000,
    "objects a hundred thousand deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "lists without an end": b"[" * 900_000,
}


@pytest.mark.parametrize("case", _MALFORMED)
def test_a_body_that_is_not_json_is_malformed_and_leaves_its_key_usable(
    case: str, api: APIClient, mugs: StockLevel
) -> None:
    response = post_bytes(api, _MALFORMED[case], key="the-key")

    problem_of(response, 400, "malformed")
    _assert_nothing_was_kept()
    assert post(api, order_json(), key="the-key").status_code == 201


def test_a_body_of_five_megabytes_is_too_large_and_leaves_its_key_usable(api: APIClient, mugs: StockLevel) -> None:
    body = json.dumps(order_json(external_reference="r" * 5_000_000)).encode()

    response = post_bytes(api, body, key="the-key")

    problem_of(response, 413, "too_large")
    _assert_nothing_was_kept()
    assert post(api, order_json(), key="the-key").status_code == 201


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""],
)
def test_a_body_that_does_not_claim_to_be_json_is_refused(content_type: str, api: APIClient, mugs: StockLevel) -> None:
    response = post_bytes(api, json.dumps(order_json()).encode(), content_type)

    problem_of(response, 415, "unsupported_media_type")
    _assert_nothing_was_kept()


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "utf-16", "rot13", "zlib", "bz2", "hex", "idna", "unheard-of"])
def test_a_charset_changes_nothing_since_json_is_utf_8(charset: str, api: APIClient, mugs: StockLevel) -> None:
    response = post_bytes(api, json.dumps(order_json()).encode(), f"application/json; charset={charset}")

    assert response.status_code == 201


def _assert_nothing_was_kept() -> None:
    assert not Order.objects.exists()
    assert not Event.objects.filter(type="order.placed").exists()
    assert not IdempotentAnswer.objects.exists()
    assert not Delivery.objects.exclude(queue="inventory").exists()  # which hears of the mugs on the shelf


# --- Who may do what ----------------------------------------------------------------------------------------


@pytest.fixture
def order(ada: User, mugs: StockLevel) -> Order:
    return place(ada, {"MUG-BLUE": 2})


_ASK: dict[str, Callable[[APIClient, Order], AnyResponse]] = {
    "placing": lambda client, _order: post(client, order_json()),
    "looking": get,
    "reading its story": lambda client, order: get(client, order, "/events"),
}


@pytest.mark.parametrize("deed", _ASK)
@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("Basic YWRhOnB3", "not_authenticated"),
        ("Bearer", "token_invalid"),
        ("Bearer ", "token_invalid"),
        ("Bearer shop_unknown", "token_invalid"),
        ("bearer  two words", "token_invalid"),
        ("Bearer t\xf6ken", "token_invalid"),
        ("Bearer " + "x" * 7000, "token_invalid"),
    ],
)
def test_nobody_may_do_anything_without_a_good_token(
    deed: str, authorization: str, code: str, anonymous: APIClient, order: Order
) -> None:
    anonymous.credentials(HTTP_AUTHORIZATION=authorization)

    response = _ASK[deed](anonymous, order)

    problem_of(response, 401, code)
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert Order.objects.count() == 1


@pytest.mark.parametrize("deed", ["looking", "reading its story"])
def test_a_stranger_may_look_at_nothing(deed: str, anonymous: APIClient, order: Order) -> None:
    problem_of(_ASK[deed](anonymous, order), 401, "not_authenticated")


@pytest.mark.parametrize("deed", _ASK)
def test_a_token_that_has_expired_is_no_token(deed: str, ada: User, order: Order) -> None:
    client = client_of(ada, expires_at=datetime.now(UTC))

    problem_of(_ASK[deed](client, order), 401, "token_expired")


@pytest.mark.parametrize("deed", _ASK)
def test_the_token_of_an_account_that_was_closed_is_no_token(
    deed: str, api: APIClient, ada: User, order: Order
) -> None:
    ada.is_active = False
    ada.save()

    problem_of(_ASK[deed](api, order), 401, "token_invalid")


@pytest.mark.parametrize(
    ("deed", "scope"), [("placing", "orders:write"), ("looking", "orders:read"), ("reading its story", "orders:read")]
)
def test_a_key_without_the_scope_of_a_deed_is_told_which_it_lacks(
    deed: str, scope: str, ada: User, order: Order
) -> None:
    client = client_of(ada, scopes=SCOPES.keys() - {scope})

    problem = problem_of(_ASK[deed](client, order), 403, "scope_missing")

    assert problem["required_scope"] == scope
    assert Order.objects.count() == 1


@pytest.mark.parametrize("more", ["", "/events"])
def test_the_order_of_somebody_else_is_not_found(more: str, bob: User, order: Order) -> None:
    problem_of(get(client_of(bob), order, more), 404, "not_found")


@pytest.mark.parametrize("more", ["", "/events"])
def test_staff_see_every_order(more: str, bob: User, order: Order) -> None:
    bob.is_staff = bob.is_superuser = True
    bob.save()

    assert get(client_of(bob), order, more).status_code == 200


@pytest.mark.parametrize("more", ["", "/events"])
@pytest.mark.parametrize("malformed", [str(UUID(int=0)), "1", "not-an-id", "%00", "..", "01a2%0a", "é"])
def test_an_order_that_does_not_exist_is_not_found(malformed: str, more: str, api: APIClient) -> None:
    problem_of(api.get(f"{ORDERS}/{malformed}{more}"), 404, "not_found")


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_the_orders_can_only_be_listed_and_posted_to(method: str, api: APIClient) -> None:
    response = getattr(api, method)(ORDERS)

    problem_of(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("more", ["", "/events"])
def test_an_order_can_only_be_looked_at(method: str, more: str, api: APIClient, order: Order) -> None:
    response = getattr(api, method)(f"{ORDERS}/{order.pk}{more}")

    problem_of(response, 405, "method_not_allowed")


@pytest.mark.parametrize("path", [f"{ORDERS}/", "/api/v1/", "/api/v2/orders", "/nowhere"])
def test_an_address_where_nothing_is_answers_with_a_problem(path: str, api: APIClient) -> None:
    problem_of(api.get(path), 404, "not_found")


def test_who_wants_no_json_is_told_that_there_is_nothing_else(api: APIClient, order: Order) -> None:
    response = api.get(f"{ORDERS}/{order.pk}", headers={"Accept": "text/html"})

    problem_of(response, 406, "not_acceptable")


# --- Looking at an order ------------------------------------------------------------------------------------


def test_an_order_looks_as_it_did_when_it_was_placed(api: APIClient, mugs: StockLevel) -> None:
    placed = post(api, order_json())

    response = api.get(placed["Location"])

    assert response.status_code == 200
    assert response.json() == placed.json()
    assert (response["ETag"], response["Cache-Control"]) == ('"1"', "no-store")


def test_every_change_of_an_order_gives_it_another_etag(api: APIClient, order: Order) -> None:
    before = get(api, order)

    services.cancel(orders={order.pk: Reason.OUT_OF_STOCK})

    after = get(api, order)
    assert (before["ETag"], after["ETag"]) == ('"1"', '"2"')
    assert (after.json()["status"], after.json()["cancellation_reason"]) == ("cancelled", "out_of_stock")
    assert after.json()["cancelled_at"].endswith("Z")


# --- How often the database is asked ------------------------------------------------------------------------


def test_placing_an_order_of_any_length_asks_the_database_equally_often(
    api: APIClient, mugs: StockLevel, lamps: StockLevel
) -> None:
    with CaptureQueriesContext(connection) as short:
        post(api, order_json({"sku": "MUG-BLUE", "quantity": 1}))
    with CaptureQueriesContext(connection) as long:
        post(api, order_json({"sku": "MUG-BLUE", "quantity": 1}, {"sku": "LAMP-BLACK", "quantity": 1}))

    assert len(short) == len(long) <= 10


def test_looking_at_an_order_asks_the_database_three_times(api: APIClient, order: Order) -> None:
    with CaptureQueriesContext(connection) as asked:
        get(api, order)

    assert len(asked) == 3  # the key with its owner, the order, its lines
