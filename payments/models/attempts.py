"""Attempts: what was asked of the gateway, and what is known of its answer."""

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from payments.models.payments import Payment
from payments.models.refunds import Refund
from shop.states import Guarded


class Operation(models.TextChoices):
    """What a gateway can be asked to do; to look moves nothing."""

    AUTHORISE = "authorise"
    LOOK = "look", "see whether the customer has acted"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class Outcome(models.TextChoices):
    """What is known of an attempt."""

    OPEN = "open", "not sent yet"
    SENT = "sent", "sent; unknown until the gateway is asked"
    WAITING = "waiting", "answered: the customer has to act"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


SETTLED = (Outcome.WAITING, Outcome.SUCCEEDED, Outcome.FAILED)
"""Outcomes of which nothing more is heard."""


class Attempt(Guarded):
    """One wish to the gateway, under an idempotency key that never changes: asked twice, it is granted once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="attempts")
    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, null=True, related_name="attempt")
    operation = models.CharField(max_length=20, choices=Operation)
    key = models.CharField(max_length=100, unique=True)
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.OPEN)
    code = models.CharField(max_length=100, blank=True)
    late_answers = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "operation"],
                condition=Q(operation__in=["authorise", "capture", "void"]),
                name="payment_operation_once",
            ),
            models.CheckConstraint(
                condition=Q(operation="refund", refund__isnull=False) | ~Q(operation="refund") & Q(refund__isnull=True),
                name="attempt_refunds_a_refund",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}: {self.outcome}"

    @property
    def amount(self) -> int:
        """How much of the payment it is about, in minor units."""
        return self.refund.amount if self.refund else self.payment.amount
