"""What the OpenAPI document shows of orders, as it would be sent and answered."""

from drf_spectacular.utils import OpenApiExample

_ID = "019ab3c2-4f0e-7d3b-9a52-1f6f0c9c6f10"
_ADDRESS = {"name": "Clara", "line1": "Main Street 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}
_ORDER = {
    "lines": [{"sku": "MUG-BLUE", "quantity": 2}],
    "currency": "EUR",
    "shipping_address": _ADDRESS,
    "payment_method": "pm_card_visa",
}
_SHIPPED = {"carrier": "DHL", "tracking_number": "00340434161094", "tracking_url": "https://www.dhl.de/00340434161094"}

NEW_ORDER = OpenApiExample("Two mugs", _ORDER | {"external_reference": "web-8812"}, request_only=True)
NEW_GUEST_ORDER = OpenApiExample(
    "Two mugs, without an account", _ORDER | {"email": "clara@example.com"}, request_only=True
)
STORY = OpenApiExample(
    "As its customer reads it",
    {
        "results": [
            {
                "id": _ID,
                "type": "order.confirmed",
                "time": "2026-11-23T16:00:00.412000Z",
                "summary": "The order is confirmed.",
                "caused_by": {"id": "019ab3c2-4f0e-7d3b-9a52-1f6f0c9c6f0f", "type": "payment.authorized"},
            }
        ]
    },
    response_only=True,
)
CANCELLATION = OpenApiExample(
    "As its customer asked",
    {"order": _ID, "reason": "customer_request", "cancelled_at": "2026-11-23T16:05:00Z", "by": "customer"},
    response_only=True,
)
STAFF_CANCELLATION = OpenApiExample("By staff", {"reason": "fraud"}, request_only=True)
WHOLE_SHIPMENT = OpenApiExample("All that is left", _SHIPPED, request_only=True)
PART_SHIPMENT = OpenApiExample("A part", _SHIPPED | {"lines": [{"sku": "MUG-BLUE", "quantity": 1}]}, request_only=True)
NEW_RETURN = OpenApiExample(
    "One mug", {"lines": [{"sku": "MUG-BLUE", "quantity": 1}], "reason": "Too blue"}, request_only=True
)
RECEIPT = OpenApiExample("All of it, as announced", {}, request_only=True)
BROKEN_RECEIPT = OpenApiExample(
    "Broken, and half the money back",
    {"lines": [{"sku": "MUG-BLUE", "quantity": 1, "restock": False}], "refund": 600},
    request_only=True,
)
