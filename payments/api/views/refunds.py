"""Refunds of a payment: staff give money back, its customer sees it."""

from collections.abc import Sequence
from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from payments import services
from payments.api.access import visible_payments
from payments.api.examples import PART_REFUND, WHOLE_REFUND
from payments.api.serializers import NewRefundSerializer, RefundSerializer
from payments.models import Payment, Refund
from shop.api import conditional
from shop.api.idempotency import idempotent
from shop.api.permissions import StaffOnly
from shop.api.problems import Problem
from shop.users.models import User
from shop.users.permissions import OrGuest


class RefundViewSet(ListModelMixin, GenericViewSet[Refund]):
    serializer_class = RefundSerializer
    lookup_url_kwarg = "refund"
    required_scopes = {"list": "payments:read", "retrieve": "payments:read", "create": "payments:write"}
    required_permissions = {"create": "payments.add_refund"}

    def get_permissions(self) -> Sequence[Any]:  # whatever can be asked for permission
        return [StaffOnly()] if self.action == "create" else [OrGuest()]

    def get_queryset(self) -> QuerySet[Refund]:
        if getattr(self, "swagger_fake_view", False):  # the OpenAPI document asks for no payment's
            return Refund.objects.none()
        return Refund.objects.filter(payment=self._payment()).select_related("payment")

    @extend_schema(
        operation_id="refunds_list",
        summary="See what of a payment goes back",
        description="The refunds of the payment, oldest first.",
    )
    def list(self, request: Request, pk: str) -> Response:
        return super().list(request)

    @extend_schema(
        operation_id="refunds_retrieve",
        summary="See a refund",
        description="How much goes back, why, and whether it has.",
    )
    def retrieve(self, request: Request, pk: str, refund: str) -> Response:
        found = self.get_object()
        return conditional.shown(request, found, self.get_serializer(found).data)

    @extend_schema(
        operation_id="refunds_create",
        summary="Give money back",
        description=(
            "For staff: an `amount`, or all that is left. The gateway is asked, and `status` is `succeeded` when it "
            "has given the money back. An order of which nothing has left is cancelled when all its money is back. "
            "409 `not_refundable`: `refundable` is how much can still be given back, in minor units."
        ),
        request=NewRefundSerializer,
        responses={201: RefundSerializer},
        examples=[PART_REFUND, WHOLE_REFUND],
    )
    @idempotent
    def create(self, request: Request, pk: str) -> Response:
        payment = self._payment()
        wanted = NewRefundSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            made = services.refund(payment_id=payment.pk, by=cast("User", request.user), **wanted.validated_data)
        except services.NotRefundable as error:
            raise _not_refundable(error) from error
        told: dict[str, Any] = dict(self.get_serializer(made).data)
        return conditional.shown(request, made, told, status=201, headers={"Location": told["links"]["self"]})

    def _payment(self) -> Payment:
        return get_object_or_404(visible_payments(self.request), pk=self.kwargs["pk"])


def _not_refundable(error: services.NotRefundable) -> Problem:
    return Problem(
        409,
        "not_refundable",
        "So much cannot be given back.",
        refundable=error.refundable,
        currency=error.payment.currency,
        payment_status=error.payment.status,
    )
