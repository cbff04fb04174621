"""Shipments: what of an order has left together, and whether it has arrived."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from orders.models.lines import WithLines
from orders.models.orders import Order, OrderLine
from shop.states import Guarded


class ShipmentStatus(models.TextChoices):
    """Where a shipment is."""

    SHIPPED = "shipped", "on its way"
    DELIVERED = "delivered"


class Shipment(WithLines, Guarded):
    """A parcel, or several under one tracking number."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipments")
    status = models.CharField(max_length=20, choices=ShipmentStatus, default=ShipmentStatus.SHIPPED)
    carrier = models.CharField(max_length=100)
    tracking_number = models.CharField(max_length=100, blank=True)
    tracking_url = models.CharField(max_length=500, blank=True)
    shipped_at = models.DateTimeField(default=timezone.now, editable=False)
    delivered_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status=ShipmentStatus.DELIVERED, delivered_at__isnull=False)
                | ~Q(status=ShipmentStatus.DELIVERED) & Q(delivered_at__isnull=True),
                name="shipment_delivered_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(tracking_url="") | Q(tracking_url__regex="^https?://"),
                name="shipment_is_tracked_on_the_web",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_number}: {self.status}"


class ShipmentLine(models.Model):
    """Pieces of one line of the order that leave in a shipment."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["shipment", "line"], name="shipment_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipment_line_has_pieces"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line.sku}"
