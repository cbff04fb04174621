import pytest

from inventory.models import StockLevel
from orders.events import Line, OrderCancelled, OrderConfirmed, OrderPlaced
from orders.models import Order, Reason
from shop.money import Money
from shop.users.models import User
from tests.shopping import place


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


def test_a_cancelled_order_tells_why(order: Order) -> None:
    order.cancellation_reason = Reason.OUT_OF_STOCK

    assert OrderCancelled.of(order).reason == "out_of_stock"


def test_all_news_of_an_order_is_one_history_in_one_lane(order: Order) -> None:
    events = (OrderPlaced.of(order), OrderConfirmed.of(order), OrderCancelled.of(order))

    assert {event.subject for event in events} == {f"orders/{order.pk}"}
    assert {event.key for event in events} == {str(order.pk)}
    assert {event.source for event in events} == {"/orders"}


def test_no_news_of_an_order_carries_the_address_or_the_name(order: Order) -> None:
    told = OrderPlaced.of(order).encode().decode()

    assert "Main Street" not in told
    assert "ada@example.com" not in told
