"""Returns: what of an order comes back, announced by its customer or taken back by staff."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from orders.models.lines import WithLines
from orders.models.orders import Order, OrderLine
from shop.states import Guarded


class ReturnStatus(models.TextChoices):
    """Where a return is."""

    REQUESTED = "requested", "on its way back, says the customer"
    RECEIVED = "received", "here"
    WITHDRAWN = "withdrawn", "not coming"


class Return(WithLines, Guarded):
    """Goods that come back together; `refund` is what is given back for them, in minor units of the currency."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    status = models.CharField(max_length=20, choices=ReturnStatus, default=ReturnStatus.REQUESTED)
    reason = models.CharField(max_length=200, blank=True)
    refund = models.PositiveBigIntegerField(default=0)
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    received_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(status=ReturnStatus.REQUESTED), name="return_requested_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(status=ReturnStatus.RECEIVED, received_at__isnull=False)
                | ~Q(status=ReturnStatus.RECEIVED) & Q(received_at__isnull=True, refund=0),
                name="return_received_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"return {self.pk}: {self.status}"


class ReturnLine(models.Model):
    """Pieces of one line of the order that come back in a return; with `restock` they can be sold again."""

    of = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    restock = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["of", "line"], name="return_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_line_has_pieces"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line.sku}"
