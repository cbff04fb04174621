"""Orders as JSON, in and out."""

from rest_framework import serializers

from orders.api.serializers.lines import NewLines
from orders.models import Order, OrderLine
from shop.api.fields import StrictSerializer, Text
from shop.users.models import Guest


class AddressSerializer(StrictSerializer):
    name = Text(max_length=200)
    line1 = Text(max_length=200)
    line2 = Text(max_length=200, required=False, allow_blank=True)
    city = Text(max_length=100)
    postal_code = Text(max_length=20)
    region = Text(max_length=100, required=False, allow_blank=True)
    country = serializers.RegexField("^[A-Z]{2}$", error_messages={"invalid": "An ISO 3166 code such as DE."})


class NewOrderSerializer(StrictSerializer):
    """What a client sends to place an order. Prices are not among it: they come from the catalogue."""

    lines = NewLines()
    currency = serializers.RegexField("^[A-Z]{3}$", error_messages={"invalid": "An ISO 4217 code such as EUR."})
    shipping_address = AddressSerializer()
    payment_method = Text(max_length=200)
    external_reference = Text(max_length=200, required=False, allow_blank=True)


class OrderLineSerializer(serializers.ModelSerializer[OrderLine]):
    class Meta:
        model = OrderLine
        fields = ("sku", "name", "quantity", "shipped", "returned", "unit_price", "total")


class GuestSerializer(serializers.ModelSerializer[Guest]):
    class Meta:
        model = Guest
        fields = ("email", "name", "language")


class OrderSerializer(serializers.ModelSerializer[Order]):
    number = serializers.CharField()
    guest = GuestSerializer(source="known_guest", allow_null=True)
    lines = OrderLineSerializer(many=True)
    links = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields: tuple[str, ...] = (
            "id",
            "number",
            "customer",
            "guest",
            "status",
            "stock_status",
            "payment_status",
            "fulfilment_status",
            "return_status",
            "cancellation_reason",
            "cancelled_by",
            "currency",
            "total",
            "lines",
            "shipping_address",
            "external_reference",
            "placed_at",
            "confirmed_at",
            "shipped_at",
            "delivered_at",
            "cancelled_at",
            "links",
        )

    def get_links(self, order: Order) -> dict[str, str]:
        here = f"/api/v1/orders/{order.pk}"
        parts = {each: f"{here}/{each}" for each in ("events", "cancellation", "shipments", "returns")}
        return {"self": here, **parts, "payments": f"/api/v1/payments?order={order.pk}"}
