from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from inventory import services
from inventory.events import AvailabilityChanged, StockChanged
from inventory.models import Adjustment, StockLevel
from shop.catalogue.models import Availability
from shop.users.models import User
from tests.conftest import Published
from tests.crowds import together
from tests.inventory.test_services import reserve
from tests.keys import client_of
from tests.problems import pointed, problem_of
from tests.shelves import offer

pytestmark = pytest.mark.django_db

STOCK = "/api/v1/inventory/stock"


@pytest.fixture
def sam(db: None) -> User:
    return User.objects.create_user("sam@example.com", name="Sam", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(sam: User) -> APIClient:
    return client_of(sam, scopes=["inventory:read", "inventory:write"])


def adjust(client: APIClient, body: Mapping[str, Any], key: str = "") -> Any:  # DRF's response has no type of its own
    whole = {"sku": "MUG-BLUE", "reason": "Stocktaking", **body}
    headers = {"Idempotency-Key": key or str(uuid4())}
    return client.post("/api/v1/inventory/adjustments", whole, format="json", headers=headers)


# --- Finding -------------------------------------------------------------------------------------------------


def test_levels_are_listed_by_sku_and_narrowed_to_what_is_low(
    staff: APIClient, mugs: StockLevel, lamps: StockLevel
) -> None:
    services.mind(sku="LAMP-BLACK", low_at=1)

    def skus(query: str) -> list[str]:
        return [level["sku"] for level in staff.get(f"{STOCK}{query}").json()["results"]]

    assert skus("") == ["LAMP-BLACK", "MUG-BLUE"]
    assert (skus("?low=true"), skus("?low=false")) == (["LAMP-BLACK"], ["MUG-BLUE"])
    assert skus("?location=annex") == []
    problem_of(staff.get(f"{STOCK}?low=maybe"), 400, "invalid")


def test_what_lies_where_is_the_affair_of_staff(mugs: StockLevel, api: APIClient, anonymous: APIClient) -> None:
    problem_of(api.get(STOCK), 403, "staff_only")
    problem_of(anonymous.get(STOCK), 401, "not_authenticated")


# --- Looking ------------------------------------------------------------------------------------------------


def test_the_stock_of_a_sku_is_told_in_all_and_at_each_place(staff: APIClient, mugs: StockLevel) -> None:
    reserve({"MUG-BLUE": 3})
    StockLevel(sku="MUG-BLUE", location="annex", on_hand=5).save()

    assert staff.get(f"{STOCK}/MUG-BLUE").json() == {
        "sku": "MUG-BLUE",
        "on_hand": 25,
        "reserved": 3,
        "available": 22,
        "locations": [
            {"location": "annex", "on_hand": 5, "reserved": 0, "available": 5, "low_at": 0},
            {"location": "main", "on_hand": 20, "reserved": 3, "available": 17, "low_at": 0},
        ],
    }


def test_who_has_the_stock_already_is_sent_it_again_only_when_it_has_changed(
    staff: APIClient, mugs: StockLevel
) -> None:
    first = staff.get(f"{STOCK}/MUG-BLUE")
    known = {"If-None-Match": first["ETag"]}

    assert first["Cache-Control"] == "no-store"
    assert staff.get(f"{STOCK}/MUG-BLUE", headers=known).status_code == 304

    reserve({"MUG-BLUE": 1})
    assert staff.get(f"{STOCK}/MUG-BLUE", headers=known).status_code == 200


@pytest.mark.parametrize("sku", ["UNHEARD-OF", "mug-blue", "%00", "x" * 300])
def test_the_stock_of_what_was_never_here_is_not_found(sku: str, staff: APIClient, mugs: StockLevel) -> None:
    problem_of(staff.get(f"{STOCK}/{sku}"), 404, "not_found")


def test_stock_is_for_staff_with_the_scope_only(
    anonymous: APIClient, api: APIClient, sam: User, mugs: StockLevel
) -> None:
    reads, writes = client_of(sam, scopes=["inventory:read"]), client_of(sam, scopes=["inventory:write"])

    for client, status, code in ((anonymous, 401, "not_authenticated"), (api, 403, "staff_only")):
        problem_of(client.get(f"{STOCK}/MUG-BLUE"), status, code)
        problem_of(adjust(client, {"delta": 1}), status, code)
    problem_of(adjust(reads, {"delta": 1}), 403, "scope_missing")
    problem_of(writes.get(f"{STOCK}/MUG-BLUE"), 403, "scope_missing")
    assert not Adjustment.objects.exists()


# --- Adjusting ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("change", "delta"), [({"delta": -5}, -5), ({"expected_on_hand": 20, "on_hand": 22}, 2)])
def test_an_adjustment_changes_the_level_is_kept_and_told(
    change: dict[str, int], delta: int, staff: APIClient, mugs: StockLevel, published: Published
) -> None:
    answer = adjust(staff, change)

    adjustment = Adjustment.objects.get()
    body = answer.json()
    assert (answer.status_code, answer["Location"]) == (201, f"{STOCK}/MUG-BLUE")
    assert body.pop("adjusted_at").endswith("Z")
    assert body == {
        "id": str(adjustment.pk),
        "sku": "MUG-BLUE",
        "location": "main",
        "delta": delta,
        "on_hand": 20 + delta,
        "reason": "Stocktaking",
    }
    assert adjustment.adjusted_by.name == "Sam"
    assert StockLevel.objects.get().on_hand == 20 + delta
    assert [event.on_hand_change for event in published.of(StockChanged)] == [delta]


def test_what_is_sold_may_be_laid_at_a_new_place(staff: APIClient, published: Published) -> None:
    offer("CAP-RED")

    first = adjust(staff, {"sku": "CAP-RED", "delta": 7})
    second = adjust(staff, {"sku": "CAP-RED", "location": "annex", "expected_on_hand": 0, "on_hand": 2})

    assert (first.status_code, second.status_code) == (201, 201)
    assert set(StockLevel.objects.values_list("location", "on_hand")) == {("main", 7), ("annex", 2)}
    assert [event.location for event in published.of(AvailabilityChanged)] == ["main", "annex"]


def test_a_request_sent_again_adjusts_once(staff: APIClient, mugs: StockLevel) -> None:
    first, second = (adjust(staff, {"delta": -1}, key="again") for _ in range(2))

    assert (first.json(), second["Idempotent-Replayed"]) == (second.json(), "true")
    assert StockLevel.objects.get().on_hand == 19


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"delta": -18}, "stock_reserved"),
        ({"expected_on_hand": 20, "on_hand": 0}, "stock_reserved"),
        ({"delta": -1_000_000_000}, "stock_reserved"),
        ({"expected_on_hand": 19, "on_hand": 21}, "on_hand_changed"),
        ({"expected_on_hand": 20, "on_hand": 20}, "no_change"),
        ({"delta": 0}, "no_change"),
        ({"delta": 1_000_000_000}, "too_many"),
    ],
)
def test_what_the_level_does_not_allow_is_refused_with_what_it_is(
    change: dict[str, int], code: str, staff: APIClient, mugs: StockLevel, published: Published
) -> None:
    reserve({"MUG-BLUE": 3})
    told = len(published)

    problem = problem_of(adjust(staff, change), 409, code)

    assert (problem["on_hand"], problem["reserved"], problem["available_quantity"]) == (20, 3, 17)
    assert StockLevel.objects.get().on_hand == 20
    assert not Adjustment.objects.exists()
    assert len(published) == told


def test_all_that_is_not_reserved_may_be_taken_away(staff: APIClient, mugs: StockLevel) -> None:
    reserve({"MUG-BLUE": 3})

    assert adjust(staff, {"delta": -17}).json()["on_hand"] == 3


def test_an_unknown_sku_has_no_stock_to_adjust(staff: APIClient, mugs: StockLevel) -> None:
    problem_of(adjust(staff, {"sku": "UNHEARD-OF", "delta": 1}), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"delta": 1, "on_hand": 2}, ""),
        ({"delta": 1, "on_hand": 2, "expected_on_hand": 1}, ""),
        ({"on_hand": 2}, ""),
        ({"expected_on_hand": 2}, ""),
        ({"delta": "1"}, "/delta"),
        ({"delta": 1.0}, "/delta"),
        ({"delta": 10**30}, "/delta"),
        ({"expected_on_hand": 1, "on_hand": -1}, "/on_hand"),
        ({"delta": 1, "reason": ""}, "/reason"),
        ({"delta": 1, "reason": "\0"}, "/reason"),
        ({"delta": 1, "reason": "x" * 201}, "/reason"),
        ({"delta": 1, "sku": "\0"}, "/sku"),
        ({"delta": 1, "location": ""}, "/location"),
        ({"delta": 1, "reserved": 1}, "/reserved"),
    ],
)
def test_what_is_no_adjustment_is_refused(
    body: dict[str, Any], pointer: str, staff: APIClient, mugs: StockLevel
) -> None:
    problem = problem_of(adjust(staff, body), 400, "invalid")

    assert set(pointed(problem)) == {pointer}
    assert StockLevel.objects.get().on_hand == 20


@pytest.mark.django_db(transaction=True)
def test_adjustments_at_the_same_moment_all_count(staff: APIClient, sam: User, mugs: StockLevel) -> None:
    together(*(partial(services.adjust, sku="MUG-BLUE", delta=-1, by=sam, reason="Broken") for _ in range(8)))

    assert StockLevel.objects.get().on_hand == 12
    assert Adjustment.objects.count() == 8


@pytest.mark.django_db(transaction=True)
def test_of_those_who_lay_the_first_pieces_at_the_same_moment_one_is_late(sam: User, published: Published) -> None:
    def lay() -> str:
        try:
            services.adjust(sku="CAP-RED", delta=5, by=sam, reason="New")
        except services.NotPossible as error:
            return error.code
        return "laid"

    ends = together(lay, lay)

    assert StockLevel.objects.get().on_hand == 5 * ends.count("laid")
    assert set(ends) <= {"laid", "on_hand_changed"}
    assert len(published.of(AvailabilityChanged)) == 1
    assert not Availability.objects.exists()  # nobody has heard of it yet
