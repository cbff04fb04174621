"""The first page of the admin: each sees what they may see, in a few queries however much there is."""

import json
from itertools import pairwise

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import StockLevel
from orders.models import Order, Status
from payments.models import Payment
from shop.admin.dashboard import Chart, Figure, Series, last_hours, list_of, remembered
from shop.bus.models import DeadLetter, Receipt
from shop.users.models import User
from tests.shopping import confirm, place
from tests.staff import browser_of, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> Client:
    """The browser of somebody with the role admin."""
    return browser_of(staff("boss", "admin"))


def _titles(browser: Client) -> set[str]:
    shown = browser.get("/admin/").context
    return {card.title for kind in ("figures", "charts", "listings") for card in shown[kind]}


def _figure(browser: Client, title: str) -> Figure:
    (found,) = [figure for figure in browser.get("/admin/").context["figures"] if figure.title == title]
    assert isinstance(found, Figure)
    return found


def _chart(browser: Client, title: str) -> Chart:
    (found,) = [chart for chart in browser.get("/admin/").context["charts"] if chart.title == title]
    assert isinstance(found, Chart)
    return found


# --- What is told -------------------------------------------------------------------------------------------


def test_orders_are_counted_by_hour_and_state(admin: Client, ada: User, mugs: StockLevel) -> None:
    for _ in range(3):
        place(ada, {"MUG-BLUE": 1})
    confirm(Order.objects.locked()[0])

    chart = _chart(admin, "Orders by hour and state")

    assert len(chart.labels) == 24
    assert {series.name: sum(series.values) for series in chart.series if sum(series.values)} == {
        Status.PLACED.label: 2,
        Status.CONFIRMED.label: 1,
    }
    assert _figure(admin, "Orders in 24 hours").value == "3"
    assert _figure(admin, "To be shipped").value == "1"


def test_revenue_is_what_was_taken_less_what_was_given_back_in_each_currency(admin: Client, ada: User) -> None:
    for number, (currency, refunded) in enumerate([("EUR", 0), ("EUR", 200), ("USD", 0)]):
        Payment(
            order_id=f"01890000-0000-7000-8000-00000000000{number}",
            customer_id=ada.pk,
            amount=1200,
            captured=1200,
            refunded=refunded,
            currency=currency,
            charge="ch",
            status="captured",
        ).save()

    chart = _chart(admin, "Revenue by hour")

    assert {series.name: sum(series.values) for series in chart.series} == {"EUR": 22.0, "USD": 12.0}
    assert _figure(admin, "Revenue in 24 hours").value == "22.00 EUR and 12.00 USD"


def test_low_stock_is_told_the_emptiest_first(admin: Client, mugs: StockLevel, lamps: StockLevel) -> None:
    for level in (mugs, lamps):
        level.low_at = 50
        level.save()

    (listing,) = admin.get("/admin/").context["listings"]

    assert [row[0] for row in listing.rows] == ["LAMP-BLACK", "MUG-BLUE"]
    assert _figure(admin, "Low stock").value == "2"


def test_a_shop_where_nothing_has_happened_says_so(admin: Client) -> None:
    assert _figure(admin, "Orders in 24 hours").note == "none yet"
    assert _figure(admin, "Revenue in 24 hours").value == "nothing"
    assert _figure(admin, "Dead letters").tone == "success"
    assert _figure(admin, "Due work").note == "nothing waits"


def test_a_chart_is_what_chart_js_reads() -> None:
    chart = Chart(title="t", labels=["a"], series=[Series(name="s", values=[1], tone="danger")], is_lying=True)

    assert json.loads(chart.data)["datasets"][0]["data"] == [1]
    assert json.loads(chart.options)["indexAxis"] == "y"


def test_a_list_is_linked_where_there_is_one() -> None:
    assert list_of(DeadLetter, queue="payments.out") == "/admin/bus/deadletter/?queue=payments.out"
    assert list_of(Receipt) == ""


def test_hours_end_with_this_one() -> None:
    hours = last_hours(3)

    assert [(later - earlier).total_seconds() for earlier, later in pairwise(hours)] == [3600, 3600]
    assert {(hour.minute, hour.second, hour.microsecond) for hour in hours} == {(0, 0, 0)}


# --- Who sees it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "sees", "sees_not"),
    [
        ("support", {"Orders in 24 hours", "Revenue in 24 hours", "Low stock"}, {"Dead letters", "Due work"}),
        ("warehouse", {"Orders in 24 hours", "To be shipped", "Low stock"}, {"Revenue in 24 hours", "Dead letters"}),
        ("finance", {"Orders in 24 hours", "Revenue in 24 hours"}, {"Low stock", "Due work"}),
        ("admin", {"Orders in 24 hours", "Revenue by hour", "Low stock", "Dead letters", "Due work per queue"}, set()),
    ],
)
def test_each_role_sees_what_it_may_see(role: str, sees: set[str], sees_not: set[str]) -> None:
    titles = _titles(browser_of(staff("clerk", role)))

    assert sees <= titles
    assert not sees_not & titles


def test_staff_without_a_role_see_nothing_and_are_told_so() -> None:
    page = browser_of(staff("clerk")).get("/admin/")

    assert not page.context["figures"] + page.context["charts"] + page.context["listings"]
    assert "have permission to view" in page.content.decode()


# --- How much it takes --------------------------------------------------------------------------------------


def test_the_dashboard_takes_as_many_queries_with_many_orders_as_with_none(
    admin: Client, ada: User, mugs: StockLevel
) -> None:
    admin.get("/admin/")
    cache.clear()
    with CaptureQueriesContext(connection) as few:
        admin.get("/admin/")
    for _ in range(10):
        place(ada, {"MUG-BLUE": 1})
    cache.clear()

    with CaptureQueriesContext(connection) as many:
        admin.get("/admin/")

    assert len(many) == len(few)


def test_what_was_made_a_moment_ago_is_not_made_anew() -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [remembered("a test", make), remembered("a test", make)] == [1, 1]
