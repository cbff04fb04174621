"""The story of an order."""

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from orders.api.access import OrderView
from orders.api.examples import STORY
from orders.api.serializers.events import StaffStorySerializer, StorySerializer, in_words, with_everything
from shop.api import conditional
from shop.bus.reading import story
from shop.users.permissions import staff_may

_EITHER = PolymorphicProxySerializer(
    component_name="AnyStory", serializers=[StorySerializer, StaffStorySerializer], resource_type_field_name=None
)


class OrderEventViewSet(OrderView):
    required_scopes = {"index": "orders:read"}

    @extend_schema(
        operation_id="orders_events",
        summary="Read what happened to an order",
        description=(
            "Everything that happened to the order, oldest first, each with the event that led to it: `caused_by` is "
            "null where a request did. Staff see the steps in between as well, and what each handler made of them. "
            "Of what is older than the shop keeps its events nothing is told."
        ),
        responses={200: _EITHER},
        examples=[STORY],
    )
    def index(self, request: Request, pk: str) -> Response:
        order = self.get_object()
        told = with_everything if staff_may(request, "bus.view_event") else in_words
        answer = conditional.published(request, {"results": told(story(str(order.pk)))})
        answer["Cache-Control"] = "no-store"
        return answer
