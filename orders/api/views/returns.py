"""Returns of an order: its customer announces what comes back, staff say what has come."""

from collections.abc import Sequence
from typing import Any, NoReturn

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from orders import services
from orders.api.access import require_right, visible_orders
from orders.api.examples import BROKEN_RECEIPT, NEW_RETURN, RECEIPT
from orders.api.problems import in_lines
from orders.api.serializers.returns import (
    NewReceiptSerializer,
    NewReturnSerializer,
    NewWithdrawalSerializer,
    ReturnSerializer,
)
from orders.models import Order, Return
from shop.api import conditional
from shop.api.idempotency import idempotent
from shop.api.permissions import StaffOnly
from shop.api.problems import Problem
from shop.users.permissions import OrGuest, staff_may

_TAKING_BACK = "orders.add_return"

_Refusals = (
    services.NotOrdered,
    services.NotReturnable,
    services.TooLate,
    services.ReturnOpen,
    services.NotOpen,
    services.RefundTooHigh,
)


class ReturnViewSet(ListModelMixin, GenericViewSet[Return]):
    serializer_class = ReturnSerializer
    lookup_url_kwarg = "returned"
    required_scopes = {
        "list": "orders:read",
        "retrieve": "orders:read",
        "create": "orders:write",
        "withdraw": "orders:write",
        "receive": "shipments:write",
    }
    required_permissions = {"receive": "orders.add_return"}

    def get_permissions(self) -> Sequence[Any]:  # whatever can be asked for permission
        return [StaffOnly()] if self.action == "receive" else [OrGuest()]

    def get_queryset(self) -> QuerySet[Return]:
        if getattr(self, "swagger_fake_view", False):  # the OpenAPI document asks for no order's
            return Return.objects.none()
        return Return.objects.filter(order=self._order()).select_related("order").prefetch_related("lines__line")

    @extend_schema(
        operation_id="returns_list",
        summary="See what of an order came back",
        description="The returns of the order, announced and received, oldest first.",
    )
    def list(self, request: Request, pk: str) -> Response:
        return super().list(request)

    @extend_schema(
        operation_id="returns_retrieve",
        summary="See a return",
        description="What is in it, whether it has come, and what was given back for it.",
    )
    def retrieve(self, request: Request, pk: str, returned: str) -> Response:
        found = self.get_object()
        return conditional.shown(request, found, self.get_serializer(found).data)

    @extend_schema(
        operation_id="returns_create",
        summary="Announce a return",
        description=(
            "Of what has left, in the time for it; staff may at any time. Money goes back when the goods are here. "
            "409 `not_returnable`: `returnable` says how many of each SKU can come back; `return_open`: one is on its "
            "way already; `too_late`: `until` says when the time was over."
        ),
        request=NewReturnSerializer,
        responses={201: ReturnSerializer},
        examples=[NEW_RETURN],
    )
    @idempotent
    def create(self, request: Request, pk: str) -> Response:
        order = self._order()
        require_right(request, order, _TAKING_BACK)
        wanted = NewReturnSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            made = services.request_return(
                order_id=order.pk, in_time=not staff_may(request, _TAKING_BACK), **wanted.validated_data
            )
        except _Refusals as error:
            _refuse(error)
        return self._written(request, made)

    @extend_schema(
        operation_id="returns_receive",
        summary="Note that a return has come",
        description=(
            "For staff. What can be sold again is in stock again, and the money goes back: all that was paid for these "
            "pieces, unless `refund` is less. 409 `return_not_open`, `not_returnable`, or `refund_too_high`: `worth` "
            "is what was paid."
        ),
        request=NewReceiptSerializer,
        responses={201: ReturnSerializer},
        examples=[RECEIPT, BROKEN_RECEIPT],
    )
    @idempotent
    def receive(self, request: Request, pk: str, returned: str) -> Response:
        wanted = NewReceiptSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            received = services.receive_return(
                order_id=self._order().pk, return_id=self.get_object().pk, **wanted.validated_data
            )
        except _Refusals as error:
            _refuse(error)
        return self._written(request, received)

    @extend_schema(
        operation_id="returns_withdraw",
        summary="Take an announcement back",
        description="The goods do not come after all. 409 `return_not_open`: they have come, or it was withdrawn.",
        request=None,
        responses={201: ReturnSerializer},
    )
    @idempotent
    def withdraw(self, request: Request, pk: str, returned: str) -> Response:
        require_right(request, self._order(), _TAKING_BACK)
        NewWithdrawalSerializer(data=request.data).is_valid(raise_exception=True)
        try:
            withdrawn = services.withdraw_return(order_id=self._order().pk, return_id=self.get_object().pk)
        except services.NotOpen as error:
            _refuse(error)
        return self._written(request, withdrawn)

    def _order(self) -> Order:
        return get_object_or_404(visible_orders(self.request), pk=self.kwargs["pk"])

    def _written(self, request: Request, returned: Return) -> Response:
        told: dict[str, Any] = dict(self.get_serializer(returned).data)
        return conditional.shown(request, returned, told, status=201, headers={"Location": told["links"]["self"]})


def _refuse(error: Exception) -> NoReturn:
    match error:
        case services.NotOrdered(places=places):
            raise in_lines(places, "This SKU is not in this order.", "not_ordered") from error
        case services.NotReturnable(returnable=returnable):
            pieces = [{"sku": sku, "quantity": quantity} for sku, quantity in returnable.items()]
            raise Problem(409, "not_returnable", "So many pieces cannot come back.", returnable=pieces) from error
        case services.TooLate(until=until):
            raise Problem(409, "too_late", "The time to return this order is over.", until=until) from error
        case services.ReturnOpen(returned=returned):
            raise Problem(409, "return_open", "A return is announced already.", return_id=returned.pk) from error
        case services.NotOpen(returned=returned):
            detail = "It has come already, or was withdrawn."
            raise Problem(409, "return_not_open", detail, return_status=returned.status) from error
        case services.RefundTooHigh(worth=worth):
            raise Problem(409, "refund_too_high", "No more than was paid is given back.", worth=worth) from error
    raise error
