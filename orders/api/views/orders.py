"""Orders: place one, find them, look at one."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from orders.api.access import OrderView, OrStranger, is_stranger
from orders.api.examples import NEW_GUEST_ORDER, NEW_ORDER
from orders.api.filters import OrderFilters, StaffOrderFilters
from orders.api.placing import place_together
from orders.api.serializers.guests import NewGuestOrderSerializer, PlacedOrderSerializer, with_token
from orders.api.serializers.orders import NewOrderSerializer, OrderSerializer
from orders.models import Order
from orders.services import NewOrder
from shop.api import conditional
from shop.api.idempotency import idempotent_together
from shop.api.permissions import Scoped
from shop.users.permissions import staff_may


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
        return StaffOrderFilters if staff_may(self.request, "orders.view_order") else OrderFilters

    def get_queryset(self) -> QuerySet[Order]:
        return super().get_queryset().prefetch_related("lines")

    def get_permissions(self) -> Sequence[Any]:  # whatever can be asked for permission
        special = {"create": OrStranger, "list": Scoped}.get(str(self.action))
        return [special()] if special else super().get_permissions()

    @extend_schema(
        operation_id="orders_list",
        summary="Find orders",
        description="A caller's own orders; staff see everybody's, and may ask for `email` and `customer` too.",
    )
    def list(self, request: Request) -> Response:
        return super().list(request)

    @extend_schema(
        operation_id="orders_place",
        summary="Place an order",
        description=(
            "Answered at once: `status` is `placed`, and what becomes of it is in the order later. Prices are those of "
            "the catalogue. Without an account send `email` as well, and an Idempotency-Key of 16 characters or more; "
            "the answer then has an `access_token`, a bearer token that opens this order and nothing else."
        ),
        request=PolymorphicProxySerializer(
            "AnyNewOrder", [NewOrderSerializer, NewGuestOrderSerializer], resource_type_field_name=None
        ),
        responses={201: PlacedOrderSerializer},
        examples=[NEW_ORDER, NEW_GUEST_ORDER],
    )
    @with_token
    @idempotent_together(place_together)
    def create(self, request: Request) -> NewOrder:
        form = NewGuestOrderSerializer if is_stranger(request) else NewOrderSerializer
        return NewOrder(**{"customer": request.user, **form.validated(request.data)})

    @extend_schema(
        operation_id="orders_retrieve",
        summary="See an order",
        description="As it stands. `links` lead to its story, its shipments and its cancellation.",
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        order = self.get_object()
        return conditional.shown(request, order, self.get_serializer(order).data)
