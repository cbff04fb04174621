"""The shapes that a product is sold in."""

from collections.abc import Mapping

from django.db import models
from django.db.models import Exists, OuterRef, Q
from uuid_utils.compat import uuid7

from shop.catalogue.models.availability import Availability
from shop.catalogue.models.products import Product
from shop.catalogue.models.slugs import SKU


class VariantQuerySet(models.QuerySet["Variant"]):
    def with_stock(self) -> "VariantQuerySet":
        """Each variant with `in_stock`, as inventory last told it."""
        return self.annotate(in_stock=Exists(Availability.objects.filter(sku=OuterRef("sku"), available=True)))


class Variant(models.Model):
    """What is ordered by its SKU: a product with its options chosen, such as `{"colour": "blue", "size": "M"}`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=64)
    options = models.JSONField(default=dict, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = VariantQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["sku"], name="variant_sku_once"),
            models.UniqueConstraint(  # at the end of a statement, so that two variants can swap
                fields=["product", "options"],
                name="variant_options_once_per_product",
                deferrable=models.Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(condition=Q(sku__regex=SKU), name="variant_sku_is_one"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.sku})"

    @property
    def title(self) -> str:
        """What it is called where its product is not shown, such as on a bill: 200 characters at most."""
        return title_of(self.product.name, self.options)


def title_of(product: str, options: Mapping[str, str]) -> str:
    """A product's name with the options that were chosen, 200 characters at most."""
    chosen = ", ".join(options.values())
    return (f"{product} ({chosen})" if chosen else product)[:200]
