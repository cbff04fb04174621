"""Shipments as JSON, in and out."""

from django.core.validators import URLValidator
from rest_framework import serializers

from orders.api.serializers.lines import NewLines
from orders.models import Shipment, ShipmentLine
from shop.api.fields import StrictSerializer, Text


class NewShipmentSerializer(StrictSerializer):
    """What has left; without lines it is all that had not."""

    lines = NewLines(required=False)
    carrier = Text(max_length=100)
    tracking_number = Text(max_length=100, required=False, allow_blank=True)
    tracking_url = Text(
        max_length=500, required=False, allow_blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )


class NewDeliverySerializer(StrictSerializer):
    """Nothing has to be said of a delivery but that it happened."""


class ShipmentLineSerializer(serializers.ModelSerializer[ShipmentLine]):
    sku = serializers.CharField(source="line.sku")
    name = serializers.CharField(source="line.name")

    class Meta:
        model = ShipmentLine
        fields = ("sku", "name", "quantity")


class ShipmentSerializer(serializers.ModelSerializer[Shipment]):
    status = serializers.CharField()
    lines = ShipmentLineSerializer(many=True)
    links = serializers.SerializerMethodField()

    class Meta:
        model = Shipment
        fields = (
            "id",
            "order",
            "status",
            "carrier",
            "tracking_number",
            "tracking_url",
            "lines",
            "shipped_at",
            "delivered_at",
            "links",
        )

    def get_links(self, shipment: Shipment) -> dict[str, str]:
        order = f"/api/v1/orders/{shipment.order_id}"
        return {"self": f"{order}/shipments/{shipment.pk}", "order": order}
