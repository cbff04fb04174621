"""The story of an order."""

from rest_framework.request import Request
from rest_framework.response import Response

from orders.api.access import OrderView
from orders.api.serializers.orders import chapter_as_json
from shop.bus.reading import story


class OrderEventViewSet(OrderView):
    required_scopes = {"index": "orders:read"}

    def index(self, request: Request, pk: str) -> Response:
        """Everything that happened to the order, oldest first."""
        order = self.get_object()
        return Response({"results": [chapter_as_json(chapter) for chapter in story(str(order.pk))]})
