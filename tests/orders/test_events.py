import json
from uuid import uuid4

import pytest

from inventory.models import StockLevel
from orders import services
from orders.events import Line, OrderCancelled, OrderConfirmed, OrderPlaced, OrderShipped, ShippedLine
from orders.models import Order, Party, Reason
from shop.money import Money
from shop.users.models import User
from tests.shopping import confirm, place


@pytest.fixture
def order(ada: User, mugs: StockLevel) -> Order:
    return place(ada, {"MUG-BLUE": 2})


def test_a_placed_order_tells_what_was_ordered_for_how_much(order: Order, ada: User) -> None:
    event = OrderPlaced.of(order)

    assert event.lines == (Line(sku="MUG-BLUE", name="Blue mug", quantity=2, unit_price=1200),)
    assert (event.total, event.payment_method) == (Money(2400, "EUR"), "pm_card_visa")
    assert (event.order_id, event.number, event.customer_id) == (order.pk, str(order.number), ada.pk)


def test_a_confirmed_order_tells_how_much_will_be_taken(order: Order) -> None:
    assert OrderConfirmed.of(order).total == Money(2400, "EUR")


def test_a_cancelled_order_tells_why_and_by_whom(order: Order) -> None:
    order.cancel(Reason.CUSTOMER_REQUEST, Party.CUSTOMER)

    event = OrderCancelled.of(order)
    assert (event.reason, event.cancelled_by) == ("customer_request", "customer")


def test_a_cancellation_told_before_it_said_by_whom_was_the_system_s() -> None:
    old = {"order_id": str(uuid4()), "number": "10001", "customer_id": str(uuid4()), "reason": "out_of_stock"}

    assert OrderCancelled.decode(json.dumps(old), uuid4()).cancelled_by == "system"


def test_a_shipment_tells_what_has_left_and_how_to_follow_it(order: Order) -> None:
    confirm(order)
    shipment = services.ship(
        order_id=order.pk, carrier="Pigeon Post", tracking_number="PP-42", tracking_url="https://pigeons.example/PP-42"
    )

    event = OrderShipped.of(shipment)
    assert event.lines == (ShippedLine(sku="MUG-BLUE", name="Blue mug", quantity=2),)
    assert (event.carrier, event.tracking_number) == ("Pigeon Post", "PP-42")
    assert (event.shipment_id, event.subject) == (shipment.pk, f"orders/{order.pk}")


def test_all_news_of_an_order_is_one_history_in_one_lane(order: Order) -> None:
    events = (OrderPlaced.of(order), OrderConfirmed.of(order), OrderCancelled.of(order))

    assert {event.subject for event in events} == {f"orders/{order.pk}"}
    assert {event.key for event in events} == {str(order.pk)}
    assert {event.source for event in events} == {"/orders"}


def test_no_news_of_an_order_carries_the_address_or_the_name(order: Order) -> None:
    told = OrderPlaced.of(order).encode().decode()

    assert "Main Street" not in told
    assert "ada@example.com" not in told
