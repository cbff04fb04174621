"""Payments, and every attempt to move their money at the gateway."""

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from shop.money import Money
from shop.states import Guarded


class Status(models.TextChoices):
    """Where the money is."""

    PENDING = "pending", "not held yet"
    AUTHORIZED = "authorized", "held"
    CAPTURED = "captured", "ours"
    DECLINED = "declined", "refused by the gateway"
    CAPTURE_FAILED = "capture_failed", "held once, and could not be taken"
    VOIDED = "voided", "free again, none was taken"
    REFUNDED = "refunded", "given back"
    CLOSED = "closed", "never asked for: the order ended first"


class Wish(models.TextChoices):
    """What the order wants of its money, as far as we have heard."""

    HOLD = "hold"
    TAKE = "take"
    GIVE_BACK = "give_back"


class Payment(Guarded):
    """The money of one order, made by whichever news of the order comes first.

    One attempt is under way at a time (`busy`); when it has settled, `services` looks where the money is and what is
    wished, and opens the next one. A payment that is closed before it was opened knows nothing but its order.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order_id = models.UUIDField(unique=True)
    order_number = models.CharField(max_length=20, blank=True)
    customer_id = models.UUIDField(null=True)
    amount = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    method = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    wish = models.CharField(max_length=20, choices=Wish, default=Wish.HOLD)
    busy = models.BooleanField(default=False)
    charge = models.CharField(max_length=200, blank=True)
    decline_code = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["authorized", "captured", "voided", "refunded"]) | ~Q(charge=""),
                name="payment_moved_has_its_charge",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED) | Q(customer_id__isnull=False),
                name="payment_has_its_customer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.money} for order {self.order_number}: {self.status}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class Operation(models.TextChoices):
    """What a gateway can be asked to do."""

    AUTHORISE = "authorise"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class Outcome(models.TextChoices):
    """What is known of an attempt."""

    OPEN = "open", "not sent yet"
    SENT = "sent", "sent; unknown until the gateway is asked"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Attempt(Guarded):
    """One wish to the gateway, under an idempotency key that never changes: asked twice, it is granted once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="attempts")
    operation = models.CharField(max_length=20, choices=Operation)
    key = models.CharField(max_length=100, unique=True)
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.OPEN)
    code = models.CharField(max_length=100, blank=True)
    late_answers = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "operation"], name="payment_operation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}: {self.outcome}"
