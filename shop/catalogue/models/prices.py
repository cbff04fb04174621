"""What a variant costs, and where a product's prices begin."""

from django.db import models
from django.db.models import Q

from shop.catalogue.models.products import Product
from shop.catalogue.models.variants import Variant

_CURRENCY = "^[A-Z]{3}$"


class Price(models.Model):
    """The price of one piece, in minor units of a currency (ISO 4217)."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    amount = models.PositiveIntegerField()

    class Meta:
        ordering = ["currency"]
        constraints = [
            models.UniqueConstraint(fields=["variant", "currency"], name="price_once_per_currency"),
            models.CheckConstraint(condition=Q(currency__regex=_CURRENCY), name="price_currency_is_a_code"),
        ]
        indexes = [models.Index(fields=["currency", "amount"], name="price_by_amount")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class LowestPrice(models.Model):
    """The lowest price among a product's variants, kept because lists are sorted by it."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="lowest_prices", db_index=False)
    currency = models.CharField(max_length=3)
    amount = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "currency"], name="lowest_price_once_per_currency"),
            models.CheckConstraint(condition=Q(currency__regex=_CURRENCY), name="lowest_price_currency_is_a_code"),
        ]
        indexes = [models.Index(fields=["currency", "amount", "product"], name="lowest_price_by_amount")]

    def __str__(self) -> str:
        return f"from {self.amount} {self.currency}"
