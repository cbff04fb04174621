"""Where an order stands, as a whole and in the eyes of each other domain; and where it may go from there."""

from django.db import models


class Status(models.TextChoices):
    """Where an order stands."""

    PLACED = "placed"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Fulfilment(models.TextChoices):
    """How much of an order has left."""

    UNFULFILLED = "unfulfilled"
    PARTIAL = "partial"
    FULFILLED = "fulfilled"


class Returned(models.TextChoices):
    """How much of an order has come back."""

    NONE = "none"
    PARTIAL = "partial"
    RETURNED = "returned"


class StockStatus(models.TextChoices):
    """What inventory last told of the order."""

    PENDING = "pending"
    HELD = "held"
    REJECTED = "rejected"
    RELEASED = "released"


class PaymentStatus(models.TextChoices):
    """What payments last told of the order; later ones in this list are never overwritten by earlier ones."""

    PENDING = "pending"
    ACTION_REQUIRED = "action_required"
    AUTHORIZED = "authorized"
    DECLINED = "declined"
    CAPTURED = "captured"
    CAPTURE_FAILED = "capture_failed"
    PARTIALLY_REFUNDED = "partially_refunded"
    VOIDED = "voided"
    REFUNDED = "refunded"


class Reason(models.TextChoices):
    """Why an order was cancelled. The reasons that we know; staff may give others."""

    CUSTOMER_REQUEST = "customer_request"
    OUT_OF_STOCK = "out_of_stock"
    PAYMENT_DECLINED = "payment_declined"
    PAYMENT_TIMEOUT = "payment_timeout"
    STOCK_TIMEOUT = "stock_timeout"
    CAPTURE_FAILED = "capture_failed"
    REFUNDED = "refunded"


class Party(models.TextChoices):
    """Who cancelled an order."""

    CUSTOMER = "customer"
    STAFF = "staff"
    SYSTEM = "system"


TRANSITIONS = {
    Status.PLACED: {Status.CONFIRMED, Status.CANCELLED},
    Status.CONFIRMED: {Status.SHIPPED, Status.CANCELLED},
    Status.SHIPPED: {Status.DELIVERED},
    Status.DELIVERED: set[Status](),
    Status.CANCELLED: set[Status](),
}


ENDED = tuple(status for status, following in TRANSITIONS.items() if not following)
"""States in which nothing is delivered any more, so that nobody needs to know where to."""

SHIPPED = (Status.SHIPPED, Status.DELIVERED)
"""States of an order of which all has left."""

CONFIRMED = (Status.CONFIRMED, *SHIPPED)
"""States of an order that we have said to deliver."""

PAID = (PaymentStatus.CAPTURED, PaymentStatus.PARTIALLY_REFUNDED)
"""The money is ours, or most of it: a part may have been given back for good will."""
