from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client

from inventory.models import StockLevel
from orders import services
from orders.models import Order, Party
from orders.services import NewLine
from shop.audit.models import Entry
from shop.users.models import User
from tests.confirming import confirm, form_of, send
from tests.crowds import together
from tests.shopping import confirm as go_well
from tests.shopping import place
from tests.staff import browser_of, staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def boss(transactional_db: None) -> Client:
    return browser_of(staff("boss", "admin"))


@pytest.fixture
def order(ada: User, mugs: StockLevel) -> Order:
    """Three mugs, confirmed and paid for."""
    return go_well(place(ada, {"MUG-BLUE": 3}))


def _at(order: Order, deed: str) -> str:
    return f"/admin/orders/order/{order.pk}/{deed}/"


def _pieces(order: Order) -> str:
    return f"pieces_{order.lines.get().pk}"


def test_cancelling_says_why_and_is_kept_in_the_audit(boss: Client, order: Order) -> None:
    page = confirm(boss, _at(order, "cancel"), code="mistake", reason="Ordered twice.")

    order.refresh_from_db()
    assert "The order is cancelled" in page
    assert (order.status, order.cancellation_reason, order.cancelled_by) == ("cancelled", "mistake", "staff")
    entry = Entry.objects.get()
    assert (entry.action, entry.subject, entry.reason) == ("order.cancelled", f"orders/{order.pk}", "Ordered twice.")
    assert (entry.before or {})["status"] == "confirmed"
    assert (entry.after or {})["status"] == "cancelled"
    assert str(entry.by) == "boss@example.com"


def test_a_page_sent_twice_does_nothing_twice(boss: Client, order: Order) -> None:
    form = form_of(boss, _at(order, "ship")) | {_pieces(order): "1", "carrier": "DHL"}

    send(boss, _at(order, "ship"), form)
    again = send(boss, _at(order, "ship"), form)

    assert "this has changed since the page was shown" in again
    assert order.lines.get().shipped == 1
    assert Entry.objects.count() == 1


def test_two_who_ship_the_same_piece_at_once_ship_it_once(boss: Client, order: Order) -> None:
    forms = [form_of(boss, _at(order, "ship")) | {_pieces(order): "1", "carrier": name} for name in ("DHL", "UPS")]

    pages = together(*(partial(send, boss, _at(order, "ship"), form) for form in forms))

    assert sorted("pieces have left" in page for page in pages) == [False, True]
    assert order.lines.get().shipped == 1
    assert Entry.objects.count() == 1


def test_who_was_overtaken_is_told_and_does_nothing(boss: Client, order: Order) -> None:
    form = form_of(boss, _at(order, "ship")) | {"carrier": "DHL"}
    services.cancel_on_request(order_id=order.pk, reason="customer_request", by=Party.CUSTOMER)

    page = send(boss, _at(order, "ship"), form)

    assert "as things stand, this cannot be done" in page
    assert not order.shipments.exists()
    assert not Entry.objects.exists()


def test_an_order_leaves_in_parts_arrives_and_comes_back(
    boss: Client, order: Order, drain_all: Callable[[], None]
) -> None:
    drain_all()
    confirm(boss, _at(order, "ship"), carrier="DHL", **{_pieces(order): "1"})
    confirm(boss, _at(order, "ship"), carrier="DHL", tracking_url="https://dhl.example/1")
    for shipment in order.shipments.all():
        confirm(boss, _at(order, "deliver"), shipment=str(shipment.pk))
    here = {_pieces(order): "2", f"restock_{_pieces(order)}": None}
    page = confirm(boss, _at(order, "take-back"), reason="Too blue.", refund="5.50", **here)

    order.refresh_from_db()
    assert "2 pieces are back; 5.50 EUR go back." in page
    assert (order.status, order.return_status) == ("delivered", "partial")
    assert sorted(line.quantity for each in order.shipments.all() for line in each.lines.all()) == [1, 2]
    assert order.returns.get().refund == 550
    assert not order.returns.get().lines.get().restock
    assert [entry.action for entry in Entry.objects.order_by("id")] == [
        *("order.shipped", "order.shipped", "order.delivered", "order.delivered", "order.returned")
    ]


@pytest.mark.parametrize(
    ("deed", "answers"),
    [
        ("ship", {"carrier": ""}),
        ("ship", {"carrier": "a\0b"}),
        ("ship", {"carrier": "C" * 101}),
        ("ship", {"carrier": "DHL", "tracking_url": "javascript:alert(1)"}),
        ("ship", {"carrier": "DHL", "pieces": "0"}),
        ("ship", {"carrier": "DHL", "pieces": "4"}),
        ("ship", {"carrier": "DHL", "pieces": "-1"}),
        ("ship", {"carrier": "DHL", "pieces": "9" * 40}),
        ("cancel", {"code": "whatever", "reason": "x"}),
        ("cancel", {"code": "mistake", "reason": ""}),
        ("cancel", {"code": "mistake", "reason": "x" * 201}),
    ],
)
def test_what_cannot_be_meant_is_said_on_the_page(
    deed: str, answers: dict[str, str], boss: Client, order: Order
) -> None:
    told = {_pieces(order) if name == "pieces" else name: value for name, value in answers.items()}

    answer = boss.post(_at(order, deed), form_of(boss, _at(order, deed)) | told)

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Entry.objects.exists()


def test_what_its_customer_announced_is_what_comes(boss: Client, order: Order) -> None:
    services.ship(order_id=order.pk, carrier="DHL")
    returned = services.request_return(
        order_id=order.pk, lines=[NewLine(sku="MUG-BLUE", quantity=2)], reason="Too blue."
    )

    page = confirm(boss, _at(order, "take-back"), reason="Unpacked.", refund="0")

    returned.refresh_from_db()
    assert "2 pieces are back; 0.00 EUR go back." in page
    assert (returned.status, order.returns.count()) == ("received", 1)


def test_no_more_is_given_back_than_was_paid(boss: Client, order: Order, drain_all: Callable[[], None]) -> None:
    services.ship(order_id=order.pk, carrier="DHL")

    page = confirm(boss, _at(order, "take-back"), reason="Broken.", refund="30.00", **{_pieces(order): "1"})

    assert "For these pieces 12.00 EUR were paid." in page
    assert not order.returns.exists()
