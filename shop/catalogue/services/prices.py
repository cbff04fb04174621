"""Prices, one or many at once."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from shop.catalogue.models import Price, Product, Variant
from shop.catalogue.services.lowest import note_lowest
from shop.money import Money
from shop.states import bulk_save


@transaction.atomic(savepoint=False)
def reprice(*, prices: Mapping[str, Sequence[Money]]) -> set[str]:
    """Set prices of some SKUs; those in other currencies stay. Returns the SKUs that there are.

    A price is its product's: each product of which some price really changed is saved once, and told once.
    """
    of_skus = Variant.objects.filter(sku__in=list(prices))
    products = list(Product.objects.locked().filter(pk__in=of_skus.values("product")).prefetch_related("variants"))
    variants = {variant.sku: variant for variant in of_skus}
    changed = _changed({variants[sku]: wanted for sku, wanted in prices.items() if sku in variants})
    Price.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["variant", "currency"], update_fields=["amount"]
    )
    repriced = {price.variant.product_id for price in changed}
    touched = [product for product in products if product.pk in repriced]
    for product in touched:
        product.touch()
    note_lowest(touched)
    bulk_save(touched)
    return set(variants)


def _changed(wanted: Mapping[Variant, Sequence[Money]]) -> list[Price]:
    rows = Price.objects.filter(variant__in=wanted).values_list("variant", "currency", "amount")
    known = {(variant, currency): amount for variant, currency, amount in rows}
    return [
        Price(variant=variant, currency=price.currency, amount=price.amount)
        for variant, prices in wanted.items()
        for price in prices
        if known.get((variant.pk, price.currency)) != price.amount
    ]
