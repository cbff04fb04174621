from typing import Any

import pytest
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import ModelSerializer

from inventory.models import StockLevel
from orders.api.serializers.guests import NewGuestOrderSerializer
from orders.api.serializers.orders import NewOrderSerializer, OrderSerializer
from orders.models import Order, Party
from orders.services import NewGuest
from shop.users.models import User
from tests.shopping import order_json, place

pytestmark = pytest.mark.django_db


def _by_its_fields(order: Order) -> bytes:
    return JSONRenderer().render(ModelSerializer.to_representation(OrderSerializer(), order))


@pytest.mark.parametrize("guest", [False, True])
@pytest.mark.parametrize("cancelled", [False, True])
def test_what_is_written_by_hand_is_what_the_fields_say(
    ada: User, mugs: StockLevel, *, guest: bool, cancelled: bool
) -> None:
    placed = place(NewGuest(email="gus@example.com", name="Gus") if guest else ada, {"MUG-BLUE": 2})
    if cancelled:
        placed.cancel("fraud", Party.STAFF)
        placed.save()

    for order in (placed, Order.objects.get()):
        assert JSONRenderer().render(OrderSerializer(order).data) == _by_its_fields(order)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        {},
        {"lines": None},
        order_json(lines=[]),
        order_json(lines=[{"sku": "A", "quantity": 0}, {"sku": 7, "colour": "blue"}]),
        order_json(lines=[{"sku": "A", "quantity": 1}] * 2),
        order_json(currency="eur", shipping_address={"country": "de"}, unheard_of=1),
        order_json(external_reference=None),
    ],
)
@pytest.mark.parametrize("form", [NewOrderSerializer, NewGuestOrderSerializer])
def test_one_serializer_for_all_requests_says_the_same_of_what_is_wrong_as_a_new_one(
    form: type[NewOrderSerializer], body: Any
) -> None:
    fresh = form(data=body)

    with pytest.raises(ValidationError) as expected:
        fresh.is_valid(raise_exception=True)
    for _ in range(2):
        with pytest.raises(ValidationError) as told:
            form.validated(body)
        assert told.value.get_full_details() == expected.value.get_full_details()


def test_one_serializer_for_all_requests_keeps_nothing_of_one_for_another() -> None:
    first = NewOrderSerializer.validated(order_json(external_reference="first"))
    second = NewOrderSerializer.validated(order_json())

    assert first["external_reference"] == "first"
    assert "external_reference" not in second
