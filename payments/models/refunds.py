"""Refunds: what is given back of money that was taken, whole or in parts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from payments.models.payments import Payment
from shop.money import Money
from shop.states import Guarded


class RefundStatus(models.TextChoices):
    """Whether the money has gone back."""

    PENDING = "pending", "the gateway is still to give it back"
    SUCCEEDED = "succeeded", "given back"


class Refund(Guarded):
    """So many minor units that go back: because staff say so, because goods came back, or because the order ended."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=200)
    status = models.CharField(max_length=20, choices=RefundStatus, default=RefundStatus.PENDING)
    return_id = models.UUIDField(null=True, unique=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    succeeded_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_gives_something_back"),
            models.CheckConstraint(condition=~Q(reason=""), name="refund_has_its_reason"),
            models.CheckConstraint(
                condition=Q(status=RefundStatus.SUCCEEDED, succeeded_at__isnull=False)
                | Q(status=RefundStatus.PENDING, succeeded_at__isnull=True),
                name="refund_succeeded_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.money} back: {self.status}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.payment.currency)
