"""Placing what several customers want at the same moment, and answering each."""

from collections.abc import Sequence

from rest_framework.response import Response

from orders import services
from orders.api.problems import in_lines
from orders.api.serializers.orders import OrderSerializer
from orders.models import Order
from orders.services import NotForSale
from shop.api.answering import Wish
from shop.api.conditional import etag
from shop.bus import within


def place_together(wishes: Sequence[Wish]) -> list[Response | Exception]:
    """Place some orders, each in the name of its own request; what is wrong with one is told to that one."""
    causes = {str(wish.wanted.id): wish.cause for wish in wishes}
    with within(wishes[0].cause, causes):
        placed = services.place_orders(wanted=[wish.wanted for wish in wishes])
    return [_refusal(each) if isinstance(each, NotForSale) else _answer(each) for each in placed]


def _answer(order: Order) -> Response:
    headers = {"Location": f"/api/v1/orders/{order.pk}", "ETag": etag(order)}
    return Response(OrderSerializer(order).data, status=201, headers=headers)


def _refusal(error: NotForSale) -> Exception:
    return in_lines(error.places, "This SKU is not for sale in this currency.", "not_for_sale")
