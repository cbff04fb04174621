"""Orders over HTTP: place one, look at it, read its story."""

from typing import Any, cast

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from orders import services
from orders.api.serializers import NewOrderSerializer, OrderSerializer, chapter_as_json
from orders.models import Order
from shop.api import conditional
from shop.api.idempotency import idempotent
from shop.bus.reading import story
from shop.users.models import User


class OrderViewSet(GenericViewSet[Order]):
    serializer_class = OrderSerializer
    required_scopes = {"create": "orders:write", "retrieve": "orders:read", "events": "orders:read"}

    def get_queryset(self) -> QuerySet[Order]:
        """A caller sees what is theirs; staff see everything."""
        user = self.request.user
        orders = Order.objects.prefetch_related("lines")
        return orders if isinstance(user, User) and user.is_staff else orders.filter(customer_id=user.pk)

    @idempotent
    def create(self, request: Request) -> Response:
        wanted = NewOrderSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            order = services.place_order(customer=cast("User", request.user), **wanted.validated_data)
        except services.NotForSale as error:
            raise _not_for_sale(error) from error
        here = {"Location": f"/api/v1/orders/{order.pk}"}
        return conditional.shown(request, order, self.get_serializer(order).data, status=201, headers=here)

    def retrieve(self, request: Request, pk: str) -> Response:
        order = self.get_object()
        return conditional.shown(request, order, self.get_serializer(order).data)

    @action(detail=True)
    def events(self, request: Request, pk: str) -> Response:
        """Everything that happened to the order, oldest first."""
        order = self.get_object()
        return Response({"results": [chapter_as_json(chapter) for chapter in story(str(order.pk))]})


def _not_for_sale(error: services.NotForSale) -> serializers.ValidationError:
    told = serializers.ErrorDetail("This SKU is not for sale in this currency.", "not_for_sale")
    lines: list[Any] = [{} for _ in range(max(error.places) + 1)]
    for place in error.places:
        lines[place] = {"sku": [told]}
    return serializers.ValidationError({"lines": lines})
