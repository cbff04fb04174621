"""Everybody of the staff sees what their role is about, and nothing else."""

import pytest
from django.contrib import admin
from playwright.sync_api import Page, expect

from orders.models import Order
from shop.audit.models import Entry
from shop.users.models import User
from shop.users.roles import roles_of
from tests.browser.conftest import Open, lists_of, offers, press
from tests.staff import staff

pytestmark = pytest.mark.django_db(transaction=True)

_GOODS = {"catalogue/product", "catalogue/category"}
_ORDERS = {"orders/order", "inventory/reservation"}
_PEOPLE = {"users/user", "users/guest"}


@pytest.mark.parametrize(
    ("role", "lists", "deeds"),
    [
        (
            "support",
            _ORDERS
            | _PEOPLE
            | _GOODS
            | {"inventory/stocklevel", "notifications/message", "payments/payment", "bus/event"},
            {"cancel"},
        ),
        ("warehouse", _ORDERS | _GOODS | {"inventory/stocklevel", "inventory/adjustment"}, {"ship"}),
        ("finance", _ORDERS | _PEOPLE | {"payments/payment", "audit/entry"}, set()),
    ],
)
def test_a_role_finds_its_lists_and_its_buttons_and_no_others(
    role: str, lists: set[str], deeds: set[str], open_window: Open, order: Order
) -> None:
    page = open_window(staff("somebody", role))

    found = lists_of(page)
    page.goto(f"/admin/orders/order/{order.pk}/change/")
    offered = {deed for deed in ("ship", "cancel") if offers(page, deed)}

    assert (found, offered) == (lists, deeds)


@pytest.mark.parametrize("role", ["support", "warehouse", "finance"])
def test_what_a_role_may_not_see_is_shut_where_its_address_is_known(role: str, open_window: Open, url: str) -> None:
    page = open_window(staff("somebody", role))
    shut = {"support": "audit/entry", "warehouse": "users/user", "finance": "bus/deadletter"}[role]

    answer = page.request.get(f"{url}/admin/{shut}/")

    assert answer.status == 403


def test_the_role_admin_finds_every_list_and_every_button(open_window: Open, order: Order) -> None:
    page = open_window(staff("boss", "admin"))

    found = lists_of(page)
    page.goto(f"/admin/orders/order/{order.pk}/change/")

    assert found == {f"{model._meta.app_label}/{model._meta.model_name}" for model in admin.site._registry}
    assert offers(page, "ship")
    assert offers(page, "cancel")


def test_a_role_is_given_and_opens_the_door(open_window: Open, boss: Page, ada: User) -> None:
    boss.goto(f"/admin/users/user/{ada.pk}/change/")
    press(boss, "roles")
    boss.get_by_label("support").check()
    boss.get_by_label("Reason").fill("hired")
    boss.get_by_role("button", name="Save").click()

    expect(boss.get_by_text("has the roles: support")).to_be_visible()
    assert roles_of(ada) == {"support"}
    assert Entry.objects.get().reason == "hired"
    assert "orders/order" in lists_of(open_window(User.objects.get(pk=ada.pk)))
