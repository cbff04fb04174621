import pytest
from django.db import IntegrityError, connection, transaction

from inventory.models import StockLevel
from orders import services
from orders.models import Shipment, ShipmentLine
from shop.users.models import User
from tests.shopping import confirm, place


@pytest.fixture
def shipment(ada: User, mugs: StockLevel) -> Shipment:
    order = confirm(place(ada, {"MUG-BLUE": 2}))
    return services.ship(order_id=order.pk, carrier="Pigeon Post", tracking_number="PP-42")


def test_a_shipment_says_who_carries_it_and_what(shipment: Shipment) -> None:
    assert str(shipment) == "Pigeon Post PP-42: shipped"
    assert [str(line) for line in shipment.lines.all()] == ["2 x MUG-BLUE"]


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("status = 'delivered'", "shipment_delivered_has_its_time"),
        ("delivered_at = now()", "shipment_delivered_has_its_time"),
        ("tracking_url = 'javascript:alert(1)'", "shipment_is_tracked_on_the_web"),
        ("order_id = NULL", "null value"),
    ],
)
def test_the_database_refuses_a_shipment_that_contradicts_itself(change: str, guard: str, shipment: Shipment) -> None:
    with pytest.raises(IntegrityError, match=guard), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE orders_shipment SET {change}")


@pytest.mark.parametrize("quantity", [0, -1])
def test_the_database_refuses_a_shipment_of_no_pieces(quantity: int, shipment: Shipment) -> None:
    with pytest.raises(IntegrityError, match="check"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_shipmentline SET quantity = %s", [quantity])


def test_the_database_knows_a_line_once_in_a_shipment(shipment: Shipment) -> None:
    line = shipment.order.lines.get()

    with pytest.raises(IntegrityError, match="shipment_line_once"), transaction.atomic():
        ShipmentLine.objects.create(shipment=shipment, line=line, quantity=1)
