"""What the doctor may mend of orders: ending those that nobody ends."""

from datetime import datetime

from django.conf import settings

from orders import services
from orders.models import Order, PaymentStatus, Status
from shop.clock import shop_now
from shop.doctor import Mended, NotSafe, Repair, Row


def _end(row: Row) -> Mended | None:
    order = Order.objects.locked().get(pk=row["order_id"])
    if order.status != Status.PLACED:
        return None
    if (deadline := _deadline(order)) > shop_now():
        raise NotSafe(f"it has until {deadline:%Y-%m-%d %H:%M} UTC; then it can be ended")
    services.end_overdue(order_ids=[order.pk], even_if_customer_acts=True)
    after = Order.objects.get(pk=order.pk)
    told = {"status": after.status, "cancellation_reason": after.cancellation_reason}
    return Mended(subject=f"orders/{order.pk}", before={"status": order.status}, after=told)


def _deadline(order: Order) -> datetime:
    """When the last of those that could end it should have: a customer has longer, from when they were asked to act."""
    deadline: datetime = order.placed_at + settings.ORDER_DEADLINE
    if order.payment_status == PaymentStatus.ACTION_REQUIRED:
        deadline += settings.ORDER_ACTION_DEADLINE
    return deadline


END = Repair(
    deed="It is cancelled, once its time is over: what is held or taken for it goes back.",
    action="order.cancelled",
    mend=_end,
)
