"""What customers order in tests."""

from collections.abc import Mapping
from typing import Any

from orders import services
from orders.models import Order, PaymentStatus, StockStatus
from orders.services import NewGuest, NewLine
from shop.users.models import User

ADDRESS = {"name": "Ada", "line1": "1 Main Street", "city": "Berlin", "postal_code": "10115", "country": "DE"}

PAYS = "pm_card_visa"
IS_DECLINED = "pm_card_chargeDeclined"
PAYS_SLOWLY = "pm_test_slow"
NEVER_ANSWERS = "pm_test_no_answer"


def place(
    customer: User | NewGuest, quantities: Mapping[str, int], *, currency: str = "EUR", method: str = PAYS
) -> Order:
    """An order of these SKUs, placed as the API does it."""
    return services.place_order(
        customer=customer,
        lines=[NewLine(sku=sku, quantity=quantity) for sku, quantity in quantities.items()],
        currency=currency,
        shipping_address=ADDRESS,
        payment_method=method,
    )


def confirm(order: Order, *, paid: bool = True) -> Order:
    """What stock and payments tell of an order that goes well, without them."""
    services.note_stock(news={order.pk: StockStatus.HELD})
    services.note_payment(news={order.pk: PaymentStatus.AUTHORIZED})
    if paid:
        services.note_payment(news={order.pk: PaymentStatus.CAPTURED})
    order.refresh_from_db()
    return order


def order_json(*lines: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The body of a valid request for an order, but for what is changed; two blue mugs unless lines are given."""
    whole = {
        "lines": list(lines) or [{"sku": "MUG-BLUE", "quantity": 2}],
        "currency": "EUR",
        "shipping_address": ADDRESS,
        "payment_method": PAYS,
    }
    return whole | changes
