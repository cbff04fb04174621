from collections.abc import Mapping
from functools import partial
from uuid import UUID, uuid4

import pytest

from inventory.models import StockLevel
from orders import services
from orders.events import OrderDelivered, OrderShipped
from orders.models import Order, OrderLine, Party, PaymentStatus, Reason, Shipment, Status
from orders.services import NewLine, NotOrdered, NotShippable, TooMany
from shop.users.models import User
from tests.conftest import Published
from tests.crowds import together
from tests.shopping import confirm, place


@pytest.fixture
def order(ada: User, mugs: StockLevel, lamps: StockLevel) -> Order:
    """Three mugs and a lamp, confirmed and paid for."""
    return confirm(place(ada, {"MUG-BLUE": 3, "LAMP-BLACK": 1}))


def ship(order: Order, quantities: Mapping[str, int] | None = None) -> Shipment:
    lines = quantities and [NewLine(sku=sku, quantity=quantity) for sku, quantity in quantities.items()]
    return services.ship(order_id=order.pk, lines=lines or None, carrier="Pigeon Post")


def _stands(order: Order) -> tuple[str, str]:
    order.refresh_from_db()
    return order.status, order.fulfilment_status


def _left(order: Order) -> dict[str, int]:
    return dict(OrderLine.objects.filter(order=order).values_list("sku", "shipped"))


# --- Shipping -----------------------------------------------------------------------------------------------


def test_shipping_without_saying_what_ships_all_of_it(order: Order, published: Published) -> None:
    shipment = ship(order)

    assert _stands(order) == ("shipped", "fulfilled")
    assert order.shipped_at is not None
    assert _left(order) == {"MUG-BLUE": 3, "LAMP-BLACK": 1}
    assert published == [OrderShipped.of(Shipment.objects.get(pk=shipment.pk))]
    assert published.of(OrderShipped)[0].complete


def test_an_order_that_leaves_in_parts_is_shipped_with_the_last_of_them(order: Order, published: Published) -> None:
    ship(order, {"MUG-BLUE": 2})
    assert _stands(order) == ("confirmed", "partial")
    ship(order, {"MUG-BLUE": 1})
    assert _stands(order) == ("confirmed", "partial")
    ship(order)

    assert _stands(order) == ("shipped", "fulfilled")
    told = [({line.sku: line.quantity for line in event.lines}, event.complete) for event in published.of(OrderShipped)]
    assert told == [({"MUG-BLUE": 2}, False), ({"MUG-BLUE": 1}, False), ({"LAMP-BLACK": 1}, True)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("payment_status", [PaymentStatus.AUTHORIZED, PaymentStatus.REFUNDED])
def test_nothing_leaves_before_its_money_is_ours(
    payment_status: PaymentStatus, ada: User, mugs: StockLevel, published: Published
) -> None:
    order = confirm(place(ada, {"MUG-BLUE": 1}), paid=False)
    order.payment_status = payment_status
    order.save()

    with pytest.raises(NotShippable):
        ship(order)

    assert _stands(order) == ("confirmed", "unfulfilled")
    assert published.of(OrderShipped) == []


@pytest.mark.django_db(transaction=True)
def test_what_is_not_confirmed_is_cancelled_or_has_left_does_not_leave(ada: User, mugs: StockLevel) -> None:
    placed, cancelled, shipped = (place(ada, {"MUG-BLUE": 1}) for _ in range(3))
    services.cancel(orders={confirm(cancelled).pk: Reason.CUSTOMER_REQUEST})
    ship(confirm(shipped))

    for order in (placed, cancelled, shipped):
        with pytest.raises(NotShippable):
            ship(order)

    assert Shipment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_more_than_is_left_does_not_leave_and_what_is_left_is_told(order: Order) -> None:
    ship(order, {"MUG-BLUE": 2})

    with pytest.raises(TooMany) as refusal:
        ship(order, {"LAMP-BLACK": 1, "MUG-BLUE": 2})

    assert refusal.value.remaining == {"MUG-BLUE": 1, "LAMP-BLACK": 1}
    assert _left(order) == {"MUG-BLUE": 2, "LAMP-BLACK": 0}
    assert Shipment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_not_ordered_does_not_leave(order: Order) -> None:
    with pytest.raises(NotOrdered) as refusal:
        ship(order, {"MUG-BLUE": 1, "MUG-RED": 1})

    assert refusal.value.places == [1]
    assert not Shipment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_last_piece_leaves_once_though_many_ship_it_at_once(order: Order, published: Published) -> None:
    def try_to_ship() -> Shipment | None:
        try:
            return ship(order, {"LAMP-BLACK": 1})
        except TooMany:
            return None

    shipments = together(*[try_to_ship] * 6)

    assert len([shipment for shipment in shipments if shipment]) == 1
    assert _left(order)["LAMP-BLACK"] == 1
    assert len(published.of(OrderShipped)) == 1


# --- Cancelling what has left -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("quantities", [None, {"MUG-BLUE": 1}])
def test_what_has_left_even_in_part_is_not_cancelled_by_anybody(
    quantities: Mapping[str, int] | None, order: Order
) -> None:
    ship(order, quantities)
    stood = _stands(order)

    services.cancel(orders={order.pk: Reason.STOCK_TIMEOUT})
    with pytest.raises(services.NotCancellable):
        services.cancel_on_request(order_id=order.pk, reason="fraud", by=Party.STAFF)

    assert _stands(order) == stood


@pytest.mark.django_db(transaction=True)
def test_who_cancels_while_it_is_being_shipped_wins_or_loses_but_not_both(order: Order) -> None:
    def cancel() -> bool:
        try:
            services.cancel_on_request(order_id=order.pk, reason="customer_request", by=Party.STAFF)
        except services.NotCancellable:
            return False
        return True

    def send() -> bool:
        try:
            ship(order)
        except NotShippable:
            return False
        return True

    cancelled, shipped = together(cancel, send)

    assert cancelled is not shipped
    assert _stands(order)[0] == (Status.CANCELLED if cancelled else Status.SHIPPED)


# --- Delivering ---------------------------------------------------------------------------------------------


def deliver(shipment: Shipment) -> Shipment:
    return services.deliver(order_id=shipment.order_id, shipment_id=shipment.pk)


def test_an_order_is_delivered_when_its_shipment_has_arrived(order: Order, published: Published) -> None:
    shipment = ship(order)

    deliver(shipment)

    shipment.refresh_from_db()
    assert _stands(order) == ("delivered", "fulfilled")
    assert (shipment.status, shipment.delivered_at is None, order.delivered_at is None) == ("delivered", False, False)
    (event,) = published.of(OrderDelivered)
    assert (event.shipment_id, event.complete, len(event.lines)) == (shipment.pk, True, 2)


def test_an_order_in_parts_is_delivered_with_the_last_of_them(order: Order, published: Published) -> None:
    first, second = ship(order, {"MUG-BLUE": 3}), ship(order)

    deliver(second)
    assert _stands(order)[0] == "shipped"
    deliver(first)

    assert _stands(order)[0] == "delivered"
    assert [event.complete for event in published.of(OrderDelivered)] == [False, True]


def test_a_part_that_arrives_before_the_rest_has_left_delivers_no_order(order: Order) -> None:
    first = ship(order, {"MUG-BLUE": 3})

    deliver(first)
    assert _stands(order) == ("confirmed", "partial")
    second = ship(order)
    assert _stands(order)[0] == "shipped"
    deliver(second)

    assert _stands(order)[0] == "delivered"


@pytest.mark.django_db(transaction=True)
def test_a_shipment_arrives_once(order: Order, published: Published) -> None:
    shipment = ship(order)

    def try_to_deliver() -> bool:
        try:
            deliver(shipment)
        except services.AlreadyDelivered:
            return False
        return True

    assert sorted(together(*[try_to_deliver] * 4)) == [False, False, False, True]
    assert len(published.of(OrderDelivered)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_last_parts_that_arrive_at_once_deliver_the_order_once(order: Order, published: Published) -> None:
    shipments = ship(order, {"MUG-BLUE": 3}), ship(order)

    together(*(partial(deliver, shipment) for shipment in shipments))

    assert _stands(order)[0] == "delivered"
    assert sorted(event.complete for event in published.of(OrderDelivered)) == [False, True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order_id", [None, uuid4()])
def test_a_shipment_of_another_order_does_not_arrive(order_id: UUID | None, order: Order, ada: User) -> None:
    shipment = ship(order)
    other = order_id or place(ada, {"MUG-BLUE": 1}).pk

    with pytest.raises((Shipment.DoesNotExist, Order.DoesNotExist)):
        services.deliver(order_id=other, shipment_id=shipment.pk)
