"""Cancellations as JSON, in and out."""

from rest_framework import serializers

from orders.models import Order, Reason
from shop.api.fields import StrictSerializer


class NewCancellationSerializer(StrictSerializer):
    """Nothing is asked of a customer: that they want it is reason enough."""


class StaffCancellationSerializer(StrictSerializer):
    """What staff may say when they cancel an order; the reasons are open."""

    reason = serializers.RegexField(
        "^[a-z][a-z0-9_]*$",
        max_length=40,
        default=Reason.CUSTOMER_REQUEST,
        error_messages={"invalid": "A word such as customer_request or fraud."},
    )


class CancellationSerializer(serializers.ModelSerializer[Order]):
    order = serializers.UUIDField(source="pk")
    reason = serializers.CharField(source="cancellation_reason")
    by = serializers.CharField(source="cancelled_by")

    class Meta:
        model = Order
        fields = ("order", "reason", "cancelled_at", "by")
