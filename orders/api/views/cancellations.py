"""The cancellation of an order: ask for it, look at it."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from orders import services
from orders.api.access import OrderView, require_right
from orders.api.examples import CANCELLATION, STAFF_CANCELLATION
from orders.api.serializers.cancellations import (
    CancellationSerializer,
    NewCancellationSerializer,
    StaffCancellationSerializer,
)
from orders.models import Order, Party, Reason, Status
from shop.api import conditional
from shop.api.idempotency import idempotent
from shop.api.problems import Problem
from shop.users.permissions import staff_may

_CANCELLING = "orders.change_order"


class CancellationViewSet(OrderView):
    serializer_class = CancellationSerializer
    required_scopes = {"create": "orders:write", "retrieve": "orders:read"}

    @extend_schema(
        operation_id="orders_cancel",
        summary="Cancel an order",
        description=(
            "Until something of it has left. What is held is released, what was paid is given back: follow that by "
            "`stock_status` and `payment_status` of the order. Only staff say why. 409 `not_cancellable` names "
            "`order_status` and `allowed_transitions`: it is cancelled already, or some of it has left."
        ),
        request=StaffCancellationSerializer,
        responses={201: CancellationSerializer},
        examples=[STAFF_CANCELLATION, CANCELLATION],
    )
    @idempotent
    def create(self, request: Request, pk: str) -> Response:
        order = self.get_object()
        require_right(request, order, _CANCELLING)
        by = Party.STAFF if staff_may(request, _CANCELLING) else Party.CUSTOMER
        wanted = (StaffCancellationSerializer if by == Party.STAFF else NewCancellationSerializer)(data=request.data)
        wanted.is_valid(raise_exception=True)
        reason = wanted.validated_data.get("reason", Reason.CUSTOMER_REQUEST)
        try:
            order = services.cancel_on_request(order_id=order.pk, reason=reason, by=by)
        except services.NotCancellable as error:
            raise _not_cancellable(error.order) from error
        here = {"Location": f"/api/v1/orders/{order.pk}/cancellation"}
        return conditional.shown(request, order, self.get_serializer(order).data, status=201, headers=here)

    @extend_schema(
        operation_id="orders_cancellation",
        summary="See why an order was cancelled",
        description="Why, when and by whom (`customer`, `staff` or `system`). 404 for an order that is not cancelled.",
        examples=[CANCELLATION],
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        order = self.get_object()
        if order.status != Status.CANCELLED:
            raise Http404
        return conditional.shown(request, order, self.get_serializer(order).data)


def _not_cancellable(order: Order) -> Problem:
    if order.status == Status.CANCELLED:
        detail = "It is cancelled already; its cancellation says why and by whom."
    else:
        detail = "Some of it has left already."
    return Problem(
        409, "not_cancellable", detail, order_status=order.status, allowed_transitions=order.allowed_transitions
    )
