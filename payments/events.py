"""What payments tells the others."""

from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

import msgspec

from shop.bus import Event
from shop.moments import Moment
from shop.money import Money

if TYPE_CHECKING:
    from payments.models import Attempt, Payment, Refund


class PaymentEvent(Event, subject="payments/{payment_id}", key="order_id"):
    """What all news of a payment carries; `amount` is the whole payment's."""

    payment_id: UUID
    order_id: UUID
    order_number: str
    customer_id: UUID
    amount: Money

    @classmethod
    def of(cls, payment: "Payment") -> Self:
        return cls.made(payment)

    @classmethod
    def made(cls, payment: "Payment", **more: Any) -> Self:
        """The news, with what this kind carries beside what all carry."""
        return cls(
            payment_id=payment.pk,
            order_id=payment.order_id,
            order_number=payment.order_number,
            customer_id=msgspec.convert(payment.customer_id, UUID),
            amount=payment.money,
            **more,
        )


class AttemptOpened(Event, name="payment.attempt_opened", version=1, subject="payments/{payment_id}", key="order_id"):
    """Something is wanted of the gateway and written down; it has not been asked yet."""

    attempt_id: UUID
    payment_id: UUID
    order_id: UUID
    operation: str

    @classmethod
    def of(cls, attempt: "Attempt") -> Self:
        return cls(
            attempt_id=attempt.pk,
            payment_id=attempt.payment_id,
            order_id=attempt.payment.order_id,
            operation=attempt.operation,
        )


class PaymentActionRequired(PaymentEvent, name="payment.action_required", version=1):
    """Nothing is held yet: the customer has to act at their bank until `expires_at`. Where is told to them only."""

    expires_at: Moment

    @classmethod
    def of(cls, payment: "Payment") -> Self:
        return cls.made(payment, expires_at=msgspec.convert(payment.action_until, Moment))


class PaymentAuthorized(PaymentEvent, name="payment.authorized", version=1):
    """The money is held for this order; it is not taken yet."""


class PaymentDeclined(Event, name="payment.declined", version=1, subject="payments/{payment_id}", key="order_id"):
    """There will be no money for this order; `code` is the gateway's stable reason."""

    payment_id: UUID
    order_id: UUID
    code: str

    @classmethod
    def of(cls, payment: "Payment") -> Self:
        return cls(payment_id=payment.pk, order_id=payment.order_id, code=payment.decline_code)


class PaymentCaptured(PaymentEvent, name="payment.captured", version=1):
    """The money is ours."""


class PaymentCaptureFailed(PaymentEvent, name="payment.capture_failed", version=1):
    """The money was held and could not be taken; nothing is owed."""


class PaymentVoided(PaymentEvent, name="payment.voided", version=1):
    """The money that was held is free again; none was taken."""


class PaymentRefunded(PaymentEvent, name="payment.refunded", version=1):
    """Money that was taken has been given back: `refunded` of it now, and all of it if `complete`.

    The oldest news of this kind said neither: it was always all of `amount`.
    """

    refund_id: UUID | None = None
    refunded: Money | None = None
    complete: bool = True

    @classmethod
    def of_refund(cls, refund: "Refund") -> Self:
        complete = refund.payment.status == "refunded"
        return cls.made(refund.payment, refund_id=refund.pk, refunded=refund.money, complete=complete)
