"""Orders: place one, find them, look at one."""

from typing import Any, cast

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from orders import services
from orders.api.filters import OrderFilters, StaffOrderFilters
from orders.api.serializers.orders import NewOrderSerializer, OrderSerializer, chapter_as_json
from orders.models import Order
from shop.api import conditional
from shop.api.idempotency import idempotent
from shop.bus.reading import story
from shop.users.models import User


class OrderViewSet(ListModelMixin, GenericViewSet[Order]):
    serializer_class = OrderSerializer
    orderings = {"newest": ("-placed_at", "-id"), "oldest": ("placed_at", "id")}
    required_scopes = {
        "create": "orders:write",
        "list": "orders:read",
        "retrieve": "orders:read",
        "events": "orders:read",
    }

    @property
    def filterset_class(self) -> type[OrderFilters]:
        return StaffOrderFilters if _is_staff(self.request) else OrderFilters

    def get_queryset(self) -> QuerySet[Order]:
        """A caller sees what is theirs; staff see everything."""
        orders = Order.objects.prefetch_related("lines")
        return orders if _is_staff(self.request) else orders.filter(customer_id=self.request.user.pk)

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


def _is_staff(request: Request) -> bool:
    return bool(getattr(request.user, "is_staff", False))


def _not_for_sale(error: services.NotForSale) -> serializers.ValidationError:
    told = serializers.ErrorDetail("This SKU is not for sale in this currency.", "not_for_sale")
    lines: list[Any] = [{} for _ in range(max(error.places) + 1)]
    for place in error.places:
        lines[place] = {"sku": [told]}
    return serializers.ValidationError({"lines": lines})
