"""Products as they are shown and looked for; however many there are, the number of queries is the same."""

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from shop.catalogue.models import Availability, Product, Variant


def whole(products: QuerySet[Product]) -> QuerySet[Product]:
    """Products with all that is shown of them."""
    variants = Variant.objects.with_stock().prefetch_related("prices")
    return products.select_related("category").prefetch_related(Prefetch("variants", variants), "images")


def by_title(products: QuerySet[Product]) -> QuerySet[Product]:
    """With a `title` to sort by: capitals do not come first."""
    return products.annotate(title=Lower("name"))


def priced_in(products: QuerySet[Product], currency: str) -> QuerySet[Product]:
    """Products that have a price in this currency, with the `lowest` to sort by."""
    return products.filter(lowest_prices__currency=currency).annotate(lowest=F("lowest_prices__amount"))


def with_variant(products: QuerySet[Product], condition: Q, *, in_stock: bool | None = None) -> QuerySet[Product]:
    """Products of which some variant is so, and can be had; with `in_stock=False` those of which none so can be had."""
    variants = Variant.objects.filter(condition, product=OuterRef("pk"))
    there = variants.filter(Exists(Availability.objects.filter(sku=OuterRef("sku"), available=True)))
    if in_stock is False:
        return products.filter(Exists(variants), ~Exists(there))
    return products.filter(Exists(there if in_stock else variants))
