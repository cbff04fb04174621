"""Payments and refunds as JSON, in and out. Amounts are minor units of `currency`."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from payments.models import Payment, Refund, Status
from shop.api.fields import StrictSerializer, Text, WholeNumber
from shop.users.permissions import is_staff

_MOST_MONEY = 2**53 - 1  # beyond it numbers in JSON lose their last digits


class ActionSerializer(serializers.Serializer[Any]):
    """Where the customer has to go before the money is held, and until when."""

    url = serializers.CharField()
    until = serializers.DateTimeField()


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    status = serializers.CharField()
    action = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()

    class Meta:
        model = Payment
        fields = (
            "id",
            "order_id",
            "status",
            "amount",
            "captured",
            "refunded",
            "currency",
            "decline_code",
            "action",
            "links",
        )

    @extend_schema_field(ActionSerializer(allow_null=True))
    def get_action(self, payment: Payment) -> dict[str, Any] | None:
        """It is shown to whoever has to act, and to nobody else."""
        request = self.context["request"]
        is_others = is_staff(request) and request.user.pk != payment.customer_id
        if payment.status != Status.ACTION_REQUIRED or is_others:
            return None
        return {"url": payment.action_url, "until": payment.action_until}

    def get_links(self, payment: Payment) -> dict[str, str]:
        here = f"/api/v1/payments/{payment.pk}"
        parts = {each: f"{here}/{each}" for each in ("refunds", "confirmation")}
        return {"self": here, **parts, "order": f"/api/v1/orders/{payment.order_id}"}


class NewRefundSerializer(StrictSerializer):
    """How much goes back, and why; without `amount` it is all that is left."""

    amount = WholeNumber(min_value=1, max_value=_MOST_MONEY, required=False)
    reason = Text(max_length=200)


class NewConfirmationSerializer(StrictSerializer):
    """Nothing has to be said but that the customer is back."""


class RefundSerializer(serializers.ModelSerializer[Refund]):
    status = serializers.CharField()
    currency = serializers.CharField(source="payment.currency")
    links = serializers.SerializerMethodField()

    class Meta:
        model = Refund
        fields = (
            "id",
            "payment",
            "amount",
            "currency",
            "reason",
            "status",
            "return_id",
            "created_at",
            "succeeded_at",
            "links",
        )

    def get_links(self, refund: Refund) -> dict[str, str]:
        payment = f"/api/v1/payments/{refund.payment_id}"
        return {"self": f"{payment}/refunds/{refund.pk}", "payment": payment}
