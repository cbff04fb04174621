"""Orders and their lines."""

from typing import cast
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from orders.models.lines import WithLines
from orders.models.states import (
    CONFIRMED,
    ENDED,
    PAID,
    SHIPPED,
    TRANSITIONS,
    Fulfilment,
    Party,
    PaymentStatus,
    Returned,
    Status,
    StockStatus,
)
from shop.money import Money
from shop.states import Guarded
from shop.users.models import Guest


class NextNumber(models.Func):
    """The next number that people see, such as 10042."""

    template = "nextval('orders_number')"
    arity = 0
    output_field = models.BigIntegerField()


class Order(WithLines, Guarded):
    """A customer's order. Amounts are minor units of `currency`; the address is as it was when the order was placed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.BigIntegerField(unique=True, db_default=NextNumber(), editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )  # its index is the list's
    guest = models.ForeignKey(Guest, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=20, choices=Status, default=Status.PLACED)
    stock_status = models.CharField(max_length=20, choices=StockStatus, default=StockStatus.PENDING)
    payment_status = models.CharField(max_length=20, choices=PaymentStatus, default=PaymentStatus.PENDING)
    fulfilment_status = models.CharField(max_length=20, choices=Fulfilment, default=Fulfilment.UNFULFILLED)
    return_status = models.CharField(max_length=20, choices=Returned, default=Returned.NONE, db_default=Returned.NONE)
    cancellation_reason = models.CharField(max_length=40, blank=True)
    cancelled_by = models.CharField(max_length=20, choices=Party, blank=True)
    currency = models.CharField(max_length=3)
    total = models.PositiveBigIntegerField()
    shipping_address = models.JSONField()
    payment_method = models.CharField(max_length=200)
    external_reference = models.CharField(max_length=200, blank=True)
    placed_at = models.DateTimeField(default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    shipped_at = models.DateTimeField(null=True, editable=False)
    delivered_at = models.DateTimeField(null=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-placed_at", "-id"], name="order_list_of_customer"),
            models.Index(fields=["-placed_at", "-id"], name="order_list"),
            models.Index(fields=["status", "-placed_at", "-id"], name="order_list_by_status"),
            models.Index(
                fields=["external_reference", "-placed_at", "-id"],
                condition=~Q(external_reference=""),
                name="order_list_by_reference",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False, guest__isnull=True) | Q(customer__isnull=True, guest__isnull=False),
                name="order_is_a_customers_or_a_guests",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=CONFIRMED) | Q(confirmed_at__isnull=False),
                name="order_confirmed_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status__in=SHIPPED, shipped_at__isnull=False, fulfilment_status=Fulfilment.FULFILLED)
                | ~Q(status__in=SHIPPED) & Q(shipped_at__isnull=True) & ~Q(fulfilment_status=Fulfilment.FULFILLED),
                name="order_shipped_has_left",
            ),
            models.CheckConstraint(
                condition=~Q(fulfilment_status=Fulfilment.PARTIAL) | Q(status=Status.CONFIRMED),
                name="order_half_shipped_is_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(return_status=Returned.NONE) | ~Q(fulfilment_status=Fulfilment.UNFULFILLED),
                name="order_returned_had_left",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.DELIVERED, delivered_at__isnull=False)
                | ~Q(status=Status.DELIVERED) & Q(delivered_at__isnull=True),
                name="order_delivered_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CANCELLED, cancelled_at__isnull=False) & ~Q(cancellation_reason="")
                | ~Q(status=Status.CANCELLED) & Q(cancellation_reason=""),
                name="order_cancelled_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CANCELLED) & ~Q(cancelled_by="")
                | ~Q(status=Status.CANCELLED) & Q(cancelled_by=""),
                name="order_cancelled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.number}"

    @property
    def buyer_id(self) -> UUID:
        """Whose order it is: its customer's or its guest's id."""
        return cast("UUID", self.customer_id or self.guest_id)  # the database refuses an order of nobody

    @property
    def known_guest(self) -> Guest | None:
        """Who ordered it without an account, until they are erased."""
        return None if self.guest is None or self.guest.is_erased else self.guest

    @property
    def money(self) -> Money:
        return Money(self.total, self.currency)

    @property
    def allowed_transitions(self) -> list[Status]:
        """What the order's story allows as its next state; of what has left in part, the rest leaves too."""
        allowed = TRANSITIONS[Status(self.status)]
        if self.fulfilment_status != Fulfilment.UNFULFILLED:
            allowed = allowed - {Status.CANCELLED}
        return [status for status in Status if status in allowed]

    def may_become(self, status: Status) -> bool:
        return status in self.allowed_transitions

    @property
    def is_shippable(self) -> bool:
        """Nothing leaves before its money is ours."""
        return self.may_become(Status.SHIPPED) and self.payment_status in PAID

    def note_shipped(self) -> None:
        """Some lines have left: perhaps that was all of it."""
        if any(line.remaining for line in self.lines.all()):
            self.fulfilment_status = Fulfilment.PARTIAL
        else:
            self.fulfilment_status = Fulfilment.FULFILLED
            self.status = Status.SHIPPED
            self.shipped_at = timezone.now()

    def note_delivered(self) -> None:
        """All that has left has arrived; a part of an order that is still to leave does not deliver it."""
        if self.may_become(Status.DELIVERED):
            self.status = Status.DELIVERED
            self.delivered_at = timezone.now()

    def note_returned(self) -> None:
        """Some pieces have come back: perhaps that was all of it."""
        kept = any(line.returned < line.quantity for line in self.lines.all())
        self.return_status = Returned.PARTIAL if kept else Returned.RETURNED

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED

    def forget_person(self) -> None:
        """Where it went is forgotten but for the country, which taxes are about, and so is what it was paid with."""
        self.shipping_address = {"country": self.shipping_address.get("country", "")}
        self.payment_method = ""

    def cancel(self, reason: str, by: Party) -> None:
        """End the order, unless it is too late for that; then nothing happens."""
        if self.may_become(Status.CANCELLED):
            self.status = Status.CANCELLED
            self.cancellation_reason = reason
            self.cancelled_by = by
            self.cancelled_at = timezone.now()


class OrderLine(models.Model):
    """Some pieces of one SKU, at the price of the moment of ordering."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()
    unit_price = models.PositiveIntegerField()
    shipped = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "sku"], name="order_line_once_per_sku"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_has_pieces"),
            models.CheckConstraint(condition=Q(shipped__lte=F("quantity")), name="order_line_never_overshipped"),
            models.CheckConstraint(condition=Q(returned__lte=F("shipped")), name="order_line_returns_what_has_left"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"

    @property
    def remaining(self) -> int:
        """How many pieces have not left yet."""
        return self.quantity - self.shipped

    @property
    def returnable(self) -> int:
        """How many pieces have left and not come back."""
        return self.shipped - self.returned

    @property
    def total(self) -> int:
        return self.quantity * self.unit_price
