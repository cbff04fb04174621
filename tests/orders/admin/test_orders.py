from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import StockLevel
from orders import services
from orders.models import Order, Party
from orders.services import NewGuest, NewLine
from shop.users.models import User
from tests.shopping import ADDRESS, IS_DECLINED, PAYS, place
from tests.staff import browser_of, staff

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = "/admin/orders/order/"


@pytest.fixture
def support(transactional_db: None) -> Client:
    return browser_of(staff("support", "support"))


def _page(order: Order) -> str:
    return f"{ORDERS}{order.pk}/change/"


# --- The list -----------------------------------------------------------------------------------------------


def test_an_order_is_found_by_number_address_reference_and_id(support: Client, ada: User, mugs: StockLevel) -> None:
    found, other = (
        services.place_order(
            customer=customer,
            lines=[NewLine(sku="MUG-BLUE", quantity=1)],
            currency="EUR",
            shipping_address=ADDRESS,
            payment_method=PAYS,
            external_reference=reference,
        )
        for customer, reference in ((ada, "PO-77"), (NewGuest(email="Guest@example.com"), "PO-78"))
    )
    found.refresh_from_db()

    for term in (str(found.number), "ADA@example.com", " PO-77 ", str(found.pk)):
        page = support.get(ORDERS, {"q": term}).content.decode()
        assert str(found.pk) in page, term
        assert str(other.pk) not in page, term
    assert str(other.pk) in support.get(ORDERS, {"q": "guest@example.com"}).content.decode()


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=%F0%28", f"q={'9' * 40}", "q=a@\0", "status=maybe", "placed_at_from=never", "p=99", "o=9", "x=y"],
)
def test_a_strange_search_is_no_error(query: str, support: Client) -> None:
    assert support.get(f"{ORDERS}?{query}", follow=True).status_code == 200


def test_filters_leave_what_is_like_this(support: Client, ada: User, mugs: StockLevel) -> None:
    open_order, ended = place(ada, {"MUG-BLUE": 1}), place(ada, {"MUG-BLUE": 1})
    services.cancel_on_request(order_id=ended.pk, reason="mistake", by=Party.STAFF)

    for query in ({"status": "cancelled"}, {"status": "cancelled", "payment_status": "pending"}):
        page = support.get(ORDERS, query).content.decode()
        assert str(ended.pk) in page
        assert str(open_order.pk) not in page
    assert str(ended.pk) not in support.get(ORDERS, {"payment_status": "declined"}).content.decode()


def test_the_list_asks_as_much_for_many_orders_as_for_one_and_counts_no_table(
    support: Client, ada: User, mugs: StockLevel
) -> None:
    place(ada, {"MUG-BLUE": 1})
    with CaptureQueriesContext(
        connection,
    ) as for_one:
        support.get(ORDERS)
    for _ in range(4):
        place(ada, {"MUG-BLUE": 1})

    with CaptureQueriesContext(connection) as for_many:
        page = support.get(ORDERS)

    assert page.content.decode().count("/change/") >= 5
    assert len(for_many) == len(for_one)
    counting = [query["sql"] for query in for_many if "COUNT(" in query["sql"]]
    assert all("LIMIT 10000" in sql for sql in counting), counting


# --- The page -----------------------------------------------------------------------------------------------


def test_the_page_tells_the_story_with_causes_handlers_and_calls(
    support: Client, ada: User, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    order = place(ada, {"MUG-BLUE": 2})
    drain_all()

    page = support.get(_page(order))

    story = page.context["page"].story
    titles = [entry.title for entry in story]
    assert titles[0] == "order.placed"
    assert {"stock.reserved", "payment.authorized", "order.confirmed", "payment.captured"} < set(titles)
    assert {"gateway: authorise", "gateway: capture"} < set(titles)
    confirmed = next(entry for entry in story if entry.title == "order.confirmed")
    assert confirmed.cause in {"stock.reserved", "payment.authorized"}
    assert {("payments.take_payment", "done"), ("inventory.commit_stock", "done")} <= {
        (each.handler, each.state) for each in confirmed.reactions
    }
    assert [entry.at for entry in story] == sorted(entry.at for entry in story)
    assert [panel.title for panel in page.context["page"].panels][:2] == ["Money", "Stock"]


def test_the_payload_is_shown_without_what_it_was_paid_with(support: Client, ada: User, mugs: StockLevel) -> None:
    page = support.get(_page(place(ada, {"MUG-BLUE": 2}))).content.decode()

    assert "payment_method" in page
    assert PAYS not in page


def test_the_page_asks_as_much_for_a_long_story_as_for_a_short_one(
    support: Client, ada: User, mugs: StockLevel, drain_all: Callable[[], None]
) -> None:
    short, long = place(ada, {"MUG-BLUE": 1}, method=IS_DECLINED), place(ada, {"MUG-BLUE": 1})
    drain_all()
    services.ship(order_id=long.pk, carrier="DHL")
    drain_all()

    asked = []
    for order in (short, long):
        with CaptureQueriesContext(connection) as queries:
            support.get(_page(order))
        asked.append(len(queries))

    assert asked[1] <= asked[0] + 2  # the lines of a shipment, and which line each is
    assert asked[1] < 45


def test_what_gave_up_is_told_with_a_way_to_it(ada: User, mugs: StockLevel, drain_all: Callable[[], None]) -> None:
    order = place(ada, {"MUG-BLUE": 1})
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bus_deadletter (event_id, handler, queue, attempts, parked, error, died_at)"
            " SELECT event_id, handler, queue, 5, false, 'RuntimeError: boom', now() FROM bus_delivery"
            " WHERE handler = 'inventory.reserve_stock' RETURNING id"
        )
        letter = cursor.fetchone()[0]
        cursor.execute("DELETE FROM bus_delivery WHERE handler = 'inventory.reserve_stock'")

    page = browser_of(staff("boss", "admin")).get(_page(order)).content.decode()

    assert f"/admin/bus/deadletter/{letter}/change/" in page
    assert "RuntimeError: boom" in page


@pytest.mark.parametrize("what", ["add/", "{order}/change/", "{order}/delete/"])
def test_history_is_not_edited(what: str, support: Client, ada: User, mugs: StockLevel) -> None:
    order = place(ada, {"MUG-BLUE": 1})

    answer = support.post(ORDERS + what.format(order=order.pk), {"status": "delivered", "total": "0", "post": "yes"})

    assert answer.status_code == 403
    order.refresh_from_db()
    assert (order.status, order.version) == ("placed", 1)


@pytest.mark.parametrize("name", ["nothing", "00000000-0000-0000-0000-000000000000", "%00"])
def test_an_order_that_is_not_there_is_no_error(name: str, support: Client) -> None:
    assert support.get(f"{ORDERS}{name}/change/", follow=True).status_code == 200
    assert support.get(f"{ORDERS}{name}/cancel/").status_code == 404


# --- Who sees what ------------------------------------------------------------------------------------------


@pytest.fixture
def order(ada: User, mugs: StockLevel, drain_all: Callable[[], None]) -> Order:
    """Confirmed and paid for."""
    order = place(ada, {"MUG-BLUE": 1})
    drain_all()
    return order


@pytest.mark.parametrize(
    ("role", "sees", "may"),
    [
        ("support", {"Money", "Stock", "people"}, {"cancel"}),
        ("warehouse", {"Stock"}, {"ship"}),
        ("finance", {"Money", "Stock", "people"}, set()),
        ("admin", {"Money", "Stock", "people"}, {"cancel", "ship"}),
    ],
)
def test_each_role_sees_and_may_do_what_it_is_there_for(
    role: str,
    sees: set[str],
    may: set[str],
    order: Order,
) -> None:
    browser = browser_of(staff("somebody", role))

    page = browser.get(_page(order))

    text = page.content.decode()
    panels = {panel.title for panel in page.context["page"].panels} & {"Money", "Stock"}
    assert panels | ({"people"} if "ada@example.com" in text else set()) == sees
    assert {name for name in ("cancel", "ship", "deliver", "take-back") if f"{order.pk}/{name}/" in text} == may
    assert ("ada@example.com" in browser.get(ORDERS).content.decode()) == ("people" in sees)
    for name in {"cancel", "ship"} - may:
        assert browser.post(f"{ORDERS}{order.pk}/{name}/", {}).status_code == 403
