"""Payments: find them, look at one, and come back from the bank."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from payments import services
from payments.api.access import visible_payments
from payments.api.filters import PaymentFilters
from payments.api.serializers import NewConfirmationSerializer, PaymentSerializer
from payments.models import Payment
from shop.api import conditional
from shop.api.idempotency import idempotent
from shop.api.problems import Problem
from shop.users.permissions import OrGuest


class PaymentViewSet(ListModelMixin, GenericViewSet[Payment]):
    serializer_class = PaymentSerializer
    filterset_class = PaymentFilters
    permission_classes = [OrGuest]
    orderings = {"newest": ("-id",), "oldest": ("id",)}
    required_scopes = {"list": "payments:read", "retrieve": "payments:read", "confirm": "orders:write"}

    def get_queryset(self) -> QuerySet[Payment]:
        return visible_payments(self.request)

    @extend_schema(
        operation_id="payments_list",
        summary="Find payments",
        description="A caller's own payments; staff see everybody's. Ask for those of an order with `order`.",
    )
    def list(self, request: Request) -> Response:
        return super().list(request)

    @extend_schema(
        operation_id="payments_retrieve",
        summary="See a payment",
        description=(
            "Where the money is, how much of it was taken and how much given back. While `status` is `action_required` "
            "its customer finds in `action` where to go."
        ),
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        payment = self.get_object()
        return conditional.shown(request, payment, self.get_serializer(payment).data)

    @extend_schema(
        operation_id="payments_confirm",
        summary="Come back from the bank",
        description=(
            "The customer has acted: the gateway is asked how it stands, and the answer shows in the payment a moment "
            "later. Nothing is lost if nobody calls this, it only takes longer. 409 `nothing_to_confirm`: the payment "
            "does not wait for its customer."
        ),
        request=None,
        responses={202: PaymentSerializer},
    )
    @idempotent
    def confirm(self, request: Request, pk: str) -> Response:
        NewConfirmationSerializer(data=request.data).is_valid(raise_exception=True)
        try:
            payment = services.look(payment_id=self.get_object().pk)
        except services.NothingToDo as error:
            detail = "This payment does not wait for its customer."
            raise Problem(409, "nothing_to_confirm", detail, payment_status=error.payment.status) from error
        here = {"Location": f"/api/v1/payments/{payment.pk}"}
        return conditional.shown(request, payment, self.get_serializer(payment).data, status=202, headers=here)
