"""What payments holds about a person."""

from typing import Any
from uuid import UUID

from payments.models import Payment

_PAYMENT = ("id", "order_id", "order_number", "amount", "currency", "method", "status", "charge", "decline_code")


def held_about(user_id: UUID) -> list[dict[str, Any]]:
    """Their payments, oldest first."""
    return list(Payment.objects.filter(customer_id=user_id).order_by("pk").values(*_PAYMENT))
