"""What the OpenAPI document shows of payments, as it would be sent."""

from drf_spectacular.utils import OpenApiExample

PART_REFUND = OpenApiExample("A part", {"amount": 600, "reason": "One mug was chipped"}, request_only=True)
WHOLE_REFUND = OpenApiExample("All that is left", {"reason": "It never arrived"}, request_only=True)
