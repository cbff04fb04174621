"""Orders: place one, find them, look at one."""

from typing import cast

from django.db.models import QuerySet
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from orders import services
from orders.api.access import OrderView, is_staff
from orders.api.filters import OrderFilters, StaffOrderFilters
from orders.api.problems import in_lines
from orders.api.serializers.orders import NewOrderSerializer, OrderSerializer
from orders.models import Order
from shop.api import conditional
from shop.api.idempotency import idempotent
from shop.users.models import User


class OrderViewSet(ListModelMixin, OrderView):
    serializer_class = OrderSerializer
    orderings = {"newest": ("-placed_at", "-id"), "oldest": ("placed_at", "id")}
    required_scopes = {
        "create": "orders:write",
        "list": "orders:read",
        "retrieve": "orders:read",
    }

    @property
    def filterset_class(self) -> type[OrderFilters]:
        return StaffOrderFilters if is_staff(self.request) else OrderFilters

    def get_queryset(self) -> QuerySet[Order]:
        return super().get_queryset().prefetch_related("lines")

    @idempotent
    def create(self, request: Request) -> Response:
        wanted = NewOrderSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            order = services.place_order(customer=cast("User", request.user), **wanted.validated_data)
        except services.NotForSale as error:
            told = "This SKU is not for sale in this currency."
            raise in_lines(error.places, told, "not_for_sale") from error
        here = {"Location": f"/api/v1/orders/{order.pk}"}
        return conditional.shown(request, order, self.get_serializer(order).data, status=201, headers=here)

    def retrieve(self, request: Request, pk: str) -> Response:
        order = self.get_object()
        return conditional.shown(request, order, self.get_serializer(order).data)
