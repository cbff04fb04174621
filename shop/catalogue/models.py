"""What is sold, and for how much."""

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from shop.states import Guarded


class Product(Guarded):
    """Something that can be ordered by its SKU while it is active."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sku = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.sku})"


class Price(models.Model):
    """The price of one piece, in minor units of a currency (ISO 4217)."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    amount = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "currency"], name="price_once_per_currency"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="price_currency_is_a_code"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
