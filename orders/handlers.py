"""What orders does when others speak."""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import Q

from inventory.events import StockRejected, StockReleased, StockReserved
from orders import services
from orders.events import OrderPlaced
from orders.models import PaymentStatus, Reason, StockStatus
from payments.events import (
    PaymentActionRequired,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentCaptureFailed,
    PaymentDeclined,
    PaymentRefunded,
    PaymentVoided,
)
from shop.bus import subscribe
from shop.users import erasing
from shop.users.events import GuestNoted, UserErased


@subscribe(StockReserved, many=True)
def note_stock_held(events: Sequence[StockReserved]) -> None:
    services.note_stock(news={event.order_id: StockStatus.HELD for event in events})


@subscribe(StockRejected, many=True)
def cancel_for_lack_of_stock(events: Sequence[StockRejected]) -> None:
    services.note_stock(news={event.order_id: StockStatus.REJECTED for event in events})
    services.cancel(orders={event.order_id: Reason.OUT_OF_STOCK for event in events})


@subscribe(StockReleased, many=True)
def cancel_for_released_stock(events: Sequence[StockReleased]) -> None:
    """A hold that ended before inventory heard of the confirmation takes even a confirmed order with it."""
    services.note_stock(news={event.order_id: StockStatus.RELEASED for event in events})
    services.cancel(orders={event.order_id: Reason.STOCK_TIMEOUT for event in events})


@subscribe(PaymentActionRequired, many=True)
def note_action_required(events: Sequence[PaymentActionRequired]) -> None:
    services.note_payment(news={event.order_id: PaymentStatus.ACTION_REQUIRED for event in events})


@subscribe(PaymentAuthorized, many=True)
def note_payment_authorized(events: Sequence[PaymentAuthorized]) -> None:
    services.note_payment(news={event.order_id: PaymentStatus.AUTHORIZED for event in events})


@subscribe(PaymentDeclined, many=True)
def cancel_for_declined_payment(events: Sequence[PaymentDeclined]) -> None:
    services.note_payment(news={event.order_id: PaymentStatus.DECLINED for event in events})
    services.cancel(orders={event.order_id: Reason.PAYMENT_DECLINED for event in events})


@subscribe(PaymentCaptured, many=True)
def note_payment_captured(events: Sequence[PaymentCaptured]) -> None:
    services.note_payment(news={event.order_id: PaymentStatus.CAPTURED for event in events})


@subscribe(PaymentCaptureFailed, many=True)
def cancel_for_failed_capture(events: Sequence[PaymentCaptureFailed]) -> None:
    services.note_payment(news={event.order_id: PaymentStatus.CAPTURE_FAILED for event in events})
    services.cancel(orders={event.order_id: Reason.CAPTURE_FAILED for event in events})


@subscribe(PaymentVoided, many=True)
def note_payment_voided(events: Sequence[PaymentVoided]) -> None:
    services.note_payment(news={event.order_id: PaymentStatus.VOIDED for event in events})


@subscribe(PaymentRefunded, many=True)
def note_payment_refunded(events: Sequence[PaymentRefunded]) -> None:
    """Who has all their money back gets nothing more: what has not left is cancelled."""
    whole = {event.order_id for event in events if event.complete}
    parts = {event.order_id for event in events} - whole
    services.note_payment(
        news=dict.fromkeys(parts, PaymentStatus.PARTIALLY_REFUNDED) | dict.fromkeys(whole, PaymentStatus.REFUNDED)
    )
    services.cancel(orders=dict.fromkeys(whole, Reason.REFUNDED))


@subscribe(UserErased, many=True)
def forget_person(events: Sequence[UserErased]) -> None:
    services.forget(customer_ids=[event.user_id for event in events])


@subscribe(GuestNoted, many=True, after=settings.GUEST_KEPT)
def let_guests_go(events: Sequence[GuestNoted]) -> None:
    erasing.erase_guests(who=Q(pk__in=[event.guest_id for event in events]))


@subscribe(OrderPlaced, many=True, after=settings.ORDER_DEADLINE)
def end_at_deadline(events: Sequence[OrderPlaced]) -> None:
    services.end_overdue(order_ids=[event.order_id for event in events])


@subscribe(PaymentActionRequired, many=True, after=settings.ORDER_ACTION_DEADLINE)
def end_when_nobody_acts(events: Sequence[PaymentActionRequired]) -> None:
    services.end_overdue(order_ids=[event.order_id for event in events], even_if_customer_acts=True)
