"""Returns as JSON, in and out."""

from typing import Any

from rest_framework import serializers

from orders.api.serializers.lines import NewLines, NewLineSerializer
from orders.models import Return, ReturnLine
from orders.services import ReturnedPieces
from shop.api.fields import StrictSerializer, Text, WholeNumber, YesOrNo

_MOST_MONEY = 2**53 - 1  # beyond it numbers in JSON lose their last digits


class NewReturnSerializer(StrictSerializer):
    """What somebody sends back."""

    lines = NewLines()
    reason = Text(max_length=200, required=False, allow_blank=True)


class ReceivedLineSerializer(NewLineSerializer):
    restock = YesOrNo(default=True, help_text="Whether these pieces can be sold again.")


class ReceivedLines(NewLines):
    child = ReceivedLineSerializer()
    made = ReturnedPieces


class NewReceiptSerializer(StrictSerializer):
    """What has come; without lines it is all that was announced, and without `refund` all that was paid for it."""

    lines = ReceivedLines(required=False, source="pieces")
    refund = WholeNumber(min_value=0, max_value=_MOST_MONEY, required=False)


class NewWithdrawalSerializer(StrictSerializer):
    """Nothing has to be said of a return that does not come."""


class ReturnLineSerializer(serializers.ModelSerializer[ReturnLine]):
    sku = serializers.CharField(source="line.sku")
    name = serializers.CharField(source="line.name")

    class Meta:
        model = ReturnLine
        fields = ("sku", "name", "quantity", "restock")


class ReturnSerializer(serializers.ModelSerializer[Return]):
    status = serializers.CharField()
    lines = ReturnLineSerializer(many=True)
    currency = serializers.CharField(source="order.currency")
    links = serializers.SerializerMethodField()

    class Meta:
        model = Return
        fields = (
            "id",
            "order",
            "status",
            "reason",
            "lines",
            "refund",
            "currency",
            "requested_at",
            "received_at",
            "links",
        )

    def get_links(self, returned: Return) -> dict[str, Any]:
        order = f"/api/v1/orders/{returned.order_id}"
        return {"self": f"{order}/returns/{returned.pk}", "order": order}
