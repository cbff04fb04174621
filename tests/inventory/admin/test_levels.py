import re
from collections.abc import Callable

import pytest
from django.test import Client

from inventory.models import Adjustment, Reservation, StockLevel
from shop.audit.models import Entry
from shop.users.models import User
from tests.confirming import confirm, form_of, send
from tests.shopping import place
from tests.staff import browser_of, staff

pytestmark = pytest.mark.django_db(transaction=True)

LEVELS = "/admin/inventory/stocklevel/"


@pytest.fixture
def warehouse(transactional_db: None) -> Client:
    return browser_of(staff("warehouse", "warehouse"))


def test_a_level_is_found_by_how_its_sku_begins(warehouse: Client, mugs: StockLevel, lamps: StockLevel) -> None:
    page = warehouse.get(LEVELS, {"q": "MUG"}).content.decode()

    assert "MUG-BLUE" in page
    assert "LAMP-BLACK" not in page
    assert warehouse.get(f"{LEVELS}?q=%00").status_code == 200


def test_the_list_tells_how_many_are_free_also_where_that_is_enough(warehouse: Client, mugs: StockLevel) -> None:
    mugs.reserved = 3
    mugs.save()

    page = warehouse.get(LEVELS).content.decode()

    assert re.search(r">\s*17\s*<", page)


def test_a_level_s_page_tells_what_came_and_went(warehouse: Client, mugs: StockLevel) -> None:
    page = warehouse.get(f"{LEVELS}{mugs.pk}/change/").content.decode()

    assert "+20, so many lay there when the book was opened" in page
    assert "(&#x27;" not in page


def test_what_is_held_is_found_by_its_order(
    warehouse: Client, ada: User, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    order, _ = place(ada, {"MUG-BLUE": 2}), place(ada, {"MUG-BLUE": 1})
    drain_all()
    held = Reservation.objects.get(order_id=order.pk)

    found = warehouse.get("/admin/inventory/reservation/", {"q": str(order.pk)}).content.decode()
    page = warehouse.get(f"/admin/inventory/reservation/{held.pk}/change/").content.decode()

    assert found.count("/admin/inventory/reservation/0") == 1
    assert "MUG-BLUE" in page
    assert "(&#x27;" not in page
    assert warehouse.get("/admin/inventory/reservation/", {"q": "nothing"}).status_code == 200


def test_stock_is_changed_by_a_difference_with_a_reason(warehouse: Client, mugs: StockLevel) -> None:
    page = confirm(warehouse, f"{LEVELS}{mugs.pk}/adjust/", delta="-3", reason="Broken.")

    mugs.refresh_from_db()
    made, entry = Adjustment.objects.get(), Entry.objects.get()
    assert "-3 MUG-BLUE: 17 lie there now." in page
    assert (mugs.on_hand, made.delta, made.reason, made.adjusted_by.email) == (
        17,
        -3,
        "Broken.",
        "warehouse@example.com",
    )
    assert (entry.action, entry.subject, entry.reason) == ("stock.adjusted", f"stock/{mugs.pk}", "Broken.")
    assert ((entry.before or {})["on_hand"], (entry.after or {})["on_hand"]) == (20, 17)
    assert "Broken." in warehouse.get("/admin/inventory/adjustment/").content.decode()


def test_an_adjustment_sent_twice_counts_once(warehouse: Client, mugs: StockLevel) -> None:
    address = f"{LEVELS}{mugs.pk}/adjust/"
    form = form_of(warehouse, address) | {"delta": "5", "reason": "Found."}

    send(warehouse, address, form)
    again = send(warehouse, address, form)

    mugs.refresh_from_db()
    assert "this has changed since the page was shown" in again
    assert mugs.on_hand == 25


@pytest.mark.parametrize(("delta", "told"), [("0", "So many lie there already"), ("-21", "held for orders")])
def test_what_stock_does_not_allow_is_a_message(delta: str, told: str, warehouse: Client, mugs: StockLevel) -> None:
    page = confirm(warehouse, f"{LEVELS}{mugs.pk}/adjust/", delta=delta, reason="Counted.")

    mugs.refresh_from_db()
    assert told in page
    assert mugs.on_hand == 20
    assert not Entry.objects.exists()


@pytest.mark.parametrize("delta", ["", "many", "1.5", "9" * 30])
def test_what_is_no_number_is_said_on_the_page(delta: str, warehouse: Client, mugs: StockLevel) -> None:
    answer = warehouse.post(
        f"{LEVELS}{mugs.pk}/adjust/", form_of(warehouse, f"{LEVELS}{mugs.pk}/adjust/") | {"delta": delta, "reason": "x"}
    )

    assert answer.context["form"].errors["delta"]
    assert not Adjustment.objects.exists()


def test_who_counts_does_not_say_when_stock_is_low_and_nobody_edits_a_level(
    warehouse: Client, mugs: StockLevel
) -> None:
    assert warehouse.get(f"{LEVELS}{mugs.pk}/mind/").status_code == 403
    assert warehouse.post(f"{LEVELS}{mugs.pk}/change/", {"on_hand": "1"}).status_code == 403

    boss = browser_of(staff("boss", "admin"))
    confirm(boss, f"{LEVELS}{mugs.pk}/mind/", low_at="4")

    mugs.refresh_from_db()
    assert (mugs.low_at, mugs.on_hand) == (4, 20)
    assert boss.post(f"{LEVELS}{mugs.pk}/change/", {"on_hand": "1"}).status_code == 403
    assert browser_of(staff("finance", "finance")).get(LEVELS).status_code == 403
