"""Stock levels, and what is held of them for which order."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from shop.states import Guarded

MAIN = "main"
"""The location that orders are served from."""


class StockLevel(Guarded):
    """How many pieces of a SKU lie at a place, and how many of those are held for orders.

    It is low when no more than `low_at` are free; 0 says that nobody minds.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sku = models.CharField(max_length=64)
    location = models.CharField(max_length=64, default=MAIN)
    on_hand = models.PositiveIntegerField()
    reserved = models.PositiveIntegerField(default=0)
    low_at = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sku", "location"], name="stock_once_per_place"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, reserved__lte=F("on_hand")), name="stock_never_oversold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku}@{self.location}: {self.available} of {self.on_hand}"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved

    @property
    def is_low(self) -> bool:
        return 0 < self.low_at >= self.available

    @property
    def was_low(self) -> bool:
        """Whether it was low when it was read, by the mark of now."""
        available: int = self.was("on_hand", self.on_hand) - self.was("reserved", self.reserved)
        return self.low_at >= available


class State(models.TextChoices):
    """What became of the wish to hold stock for an order."""

    HELD = "held"
    COMMITTED = "committed", "held until it is shipped"
    REJECTED = "rejected"
    SHIPPED = "shipped", "nothing is held any more: everything has left"
    RELEASED = "released"
    CLOSED = "closed", "the order ended before its stock was asked for"


class Reservation(Guarded):
    """One per order, made by whichever news of the order comes first."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order_id = models.UUIDField(unique=True)
    state = models.CharField(max_length=20, choices=State)
    expires_at = models.DateTimeField(null=True)
    lacking = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=State.HELD) | Q(expires_at__isnull=False),
                name="reservation_held_until_some_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} for order {self.order_id}"

    @property
    def holds(self) -> bool:
        return self.state in {State.HELD, State.COMMITTED}


class ReservationLine(models.Model):
    """Pieces of one SKU at one place, wanted by a reservation; those not shipped are held as long as it holds."""

    reservation = models.ForeignKey(Reservation, on_delete=models.CASCADE, related_name="lines")
    sku = models.CharField(max_length=64)
    location = models.CharField(max_length=64, default=MAIN)
    quantity = models.PositiveIntegerField()
    shipped = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reservation", "sku", "location"], name="reservation_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_line_has_pieces"),
            models.CheckConstraint(condition=Q(shipped__lte=F("quantity")), name="reservation_line_never_overshipped"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}@{self.location}"

    @property
    def held(self) -> int:
        """How many of its pieces still lie here for the order, while its reservation holds."""
        return self.quantity - self.shipped


class Cause(models.TextChoices):
    """Why pieces came or went."""

    OPENING = "opening", "so many lay there when the book was opened"
    ADJUSTED = "adjusted", "somebody counted"
    SHIPPED = "shipped", "they left in a shipment"
    RETURNED = "returned", "they came back"


class Movement(models.Model):
    """The book of what lies where: its sum is what is on hand. Never changed itself.

    `source` is the shipment, return or adjustment that moved the pieces; hearing of it again moves nothing more.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sku = models.CharField(max_length=64)
    location = models.CharField(max_length=64, default=MAIN)
    delta = models.IntegerField()
    cause = models.CharField(max_length=20, choices=Cause)
    source = models.UUIDField()
    order_id = models.UUIDField(null=True)
    moved_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "sku", "location"], name="movement_once_per_source"),
        ]
        indexes = [
            models.Index(fields=["sku", "location", "moved_at"], name="movements_of_sku"),
            models.Index(fields=["order_id"], condition=Q(order_id__isnull=False), name="movements_of_order"),
        ]

    def __str__(self) -> str:
        return f"{self.delta:+} {self.sku}@{self.location}: {self.cause}"


class Adjustment(models.Model):
    """Somebody counted: by how much the pieces at a place changed, to how many, and why. Never changed itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sku = models.CharField(max_length=64)
    location = models.CharField(max_length=64)
    delta = models.IntegerField()
    on_hand = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)
    adjusted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    adjusted_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(delta=0), name="adjustment_changes_something"),
            models.CheckConstraint(condition=~Q(reason=""), name="adjustment_has_its_reason"),
        ]
        indexes = [models.Index(fields=["sku", "adjusted_at"], name="adjustments_of_sku")]

    def __str__(self) -> str:
        return f"{self.delta:+} {self.sku}@{self.location}: {self.reason}"
