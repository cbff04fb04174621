"""News as other domains would tell it, for tests of those who hear it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from inventory.events import Lack, StockRejected, StockReleased, StockReserved
from orders.events import (
    Line,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderPlaced,
    OrderReturned,
    OrderShipped,
    ReturnedLine,
    ShippedLine,
)
from payments.events import (
    PaymentActionRequired,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentCaptureFailed,
    PaymentDeclined,
    PaymentEvent,
    PaymentRefunded,
    PaymentVoided,
)
from shop.bus import Event, gather, publish
from shop.money import Money
from tests.shopping import PAYS

NOBODY = UUID(int=0)
ONE_MUG = {"MUG-BLUE": 1}

E = TypeVar("E", bound=PaymentEvent)


def tell(*events: Event) -> None:
    """Publish events in this order, in a transaction of their own."""
    with transaction.atomic(), gather():
        for event in events:
            publish(event)


def order_placed(
    order_id: UUID,
    quantities: Mapping[str, int] = ONE_MUG,
    *,
    method: str = PAYS,
    customer_id: UUID = NOBODY,
    number: str = "10001",
) -> OrderPlaced:
    """An order of these SKUs, each piece for 12.00 EUR."""
    return OrderPlaced(
        order_id=order_id,
        number=number,
        customer_id=customer_id,
        lines=tuple(
            Line(sku=sku, name=sku.title(), quantity=quantity, unit_price=1200) for sku, quantity in quantities.items()
        ),
        total=Money(1200 * sum(quantities.values()), "EUR"),
        payment_method=method,
    )


def order_confirmed(order_id: UUID, *, customer_id: UUID = NOBODY) -> OrderConfirmed:
    return OrderConfirmed(order_id=order_id, number="10001", customer_id=customer_id, total=Money(1200, "EUR"))


def order_cancelled(order_id: UUID, *, reason: str = "out_of_stock", customer_id: UUID = NOBODY) -> OrderCancelled:
    return OrderCancelled(order_id=order_id, number="10001", customer_id=customer_id, reason=reason)


def order_shipped(
    order_id: UUID,
    quantities: Mapping[str, int] = ONE_MUG,
    *,
    shipment_id: UUID | None = None,
    complete: bool = True,
    customer_id: UUID = NOBODY,
) -> OrderShipped:
    """All of an order in one shipment, whose id is the order's unless given."""
    return OrderShipped(
        order_id=order_id,
        number="10001",
        customer_id=customer_id,
        shipment_id=shipment_id or order_id,
        lines=_leaving(quantities),
        complete=complete,
        carrier="Pigeon Post",
        tracking_number="PP-42",
        tracking_url="https://pigeons.example/PP-42",
    )


def order_delivered(order_id: UUID, *, complete: bool = True, customer_id: UUID = NOBODY) -> OrderDelivered:
    return OrderDelivered(
        order_id=order_id,
        number="10001",
        customer_id=customer_id,
        shipment_id=order_id,
        lines=_leaving(ONE_MUG),
        complete=complete,
    )


def order_returned(
    order_id: UUID,
    quantities: Mapping[str, int] = ONE_MUG,
    *,
    return_id: UUID | None = None,
    refund: int = 1200,
    restock: bool = True,
    complete: bool = True,
    customer_id: UUID = NOBODY,
) -> OrderReturned:
    """All of an order in one return, whose id is made of the order's unless given."""
    return OrderReturned(
        order_id=order_id,
        number="10001",
        customer_id=customer_id,
        return_id=return_id or UUID(int=order_id.int ^ 3),
        lines=tuple(
            ReturnedLine(sku=sku, name=sku.title(), quantity=quantity, restock=restock)
            for sku, quantity in quantities.items()
        ),
        refund=Money(refund, "EUR"),
        complete=complete,
    )


def _leaving(quantities: Mapping[str, int]) -> tuple[ShippedLine, ...]:
    return tuple(ShippedLine(sku=sku, name=sku.title(), quantity=quantity) for sku, quantity in quantities.items())


def stock_reserved(order_id: UUID) -> StockReserved:
    return StockReserved(reservation_id=order_id, order_id=order_id, expires_at=datetime.now(UTC) + timedelta(hours=1))


def stock_rejected(order_id: UUID) -> StockRejected:
    lacking = (Lack(sku="MUG-BLUE", wanted=2, available=1),)
    return StockRejected(reservation_id=order_id, order_id=order_id, lacking=lacking)


def stock_released(order_id: UUID) -> StockReleased:
    return StockReleased(reservation_id=order_id, order_id=order_id)


def payment_action_required(order_id: UUID, *, customer_id: UUID = NOBODY) -> PaymentActionRequired:
    return PaymentActionRequired(
        payment_id=order_id,
        order_id=order_id,
        order_number="10001",
        customer_id=customer_id,
        amount=Money(1200, "EUR"),
        expires_at=datetime.now(UTC) + timedelta(minutes=55),
    )


def payment_authorized(order_id: UUID) -> PaymentAuthorized:
    return _of_payment(PaymentAuthorized, order_id)


def payment_declined(order_id: UUID) -> PaymentDeclined:
    return PaymentDeclined(payment_id=order_id, order_id=order_id, code="card_declined")


def payment_captured(order_id: UUID, *, customer_id: UUID = NOBODY) -> PaymentCaptured:
    return _of_payment(PaymentCaptured, order_id, customer_id)


def payment_capture_failed(order_id: UUID) -> PaymentCaptureFailed:
    return _of_payment(PaymentCaptureFailed, order_id)


def payment_voided(order_id: UUID) -> PaymentVoided:
    return _of_payment(PaymentVoided, order_id)


def payment_refunded(order_id: UUID, *, customer_id: UUID = NOBODY) -> PaymentRefunded:
    return _of_payment(PaymentRefunded, order_id, customer_id)


def payment_refunded_in_part(order_id: UUID, *, customer_id: UUID = NOBODY) -> PaymentRefunded:
    return PaymentRefunded(
        payment_id=order_id,
        order_id=order_id,
        order_number="10001",
        customer_id=customer_id,
        amount=Money(1200, "EUR"),
        refund_id=UUID(int=order_id.int ^ 4),
        refunded=Money(500, "EUR"),
        complete=False,
    )


def _of_payment(kind: type[E], order_id: UUID, customer_id: UUID = NOBODY) -> E:
    return kind(
        payment_id=order_id,
        order_id=order_id,
        order_number="10001",
        customer_id=customer_id,
        amount=Money(1200, "EUR"),
    )
