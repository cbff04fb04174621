"""Payments: the money of one order each."""

from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from shop.money import Money
from shop.states import Guarded


class Status(models.TextChoices):
    """Where the money is."""

    PENDING = "pending", "not held yet"
    ACTION_REQUIRED = "action_required", "held once the customer has acted"
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
    """The money of one order, made by whichever news of the order comes first. Amounts are minor units of `currency`.

    One attempt is under way at a time (`busy`); when it has settled, `services` looks where the money is and what is
    wished, and opens the next one. A payment that is closed before it was opened knows nothing but its order.
    `action_url` is where the customer has to act, until `action_until`: it is told to nobody else.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order_id = models.UUIDField(unique=True)
    order_number = models.CharField(max_length=20, blank=True)
    customer_id = models.UUIDField(null=True, db_index=True)
    amount = models.PositiveBigIntegerField(default=0)
    captured = models.PositiveBigIntegerField(default=0, db_default=0)
    refunded = models.PositiveBigIntegerField(default=0, db_default=0)
    currency = models.CharField(max_length=3, blank=True)
    method = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    wish = models.CharField(max_length=20, choices=Wish, default=Wish.HOLD)
    busy = models.BooleanField(default=False)
    charge = models.CharField(max_length=200, blank=True)
    decline_code = models.CharField(max_length=100, blank=True)
    action_url = models.CharField(max_length=500, blank=True, db_default="")
    action_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["action_required", "authorized", "captured", "voided", "refunded"])
                | ~Q(charge=""),
                name="payment_moved_has_its_charge",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED) | Q(customer_id__isnull=False),
                name="payment_has_its_customer",
            ),
            models.CheckConstraint(condition=Q(captured__lte=F("amount")), name="payment_never_takes_more"),
            models.CheckConstraint(condition=Q(refunded__lte=F("captured")), name="payment_never_gives_back_more"),
            models.CheckConstraint(
                condition=~Q(status__in=["captured", "refunded"]) | Q(captured__gt=0) | Q(amount=0),
                name="payment_taken_has_its_sum",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ACTION_REQUIRED) | ~Q(action_url="") & Q(action_until__isnull=False),
                name="payment_action_says_where_and_until_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.money} for order {self.order_number}: {self.status}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def kept(self) -> int:
        """What was taken and not given back."""
        return self.captured - self.refunded
