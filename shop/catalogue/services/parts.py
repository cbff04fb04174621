"""What a product is made of: its variants with their prices, and its images. Each list is put as a whole."""

from collections.abc import Mapping, Sequence

import msgspec

from shop.catalogue.models import Image, Price, Product, Variant
from shop.catalogue.services.lowest import note_lowest
from shop.catalogue.services.taken import refuse_taken_skus
from shop.money import Money


class NewVariant(msgspec.Struct, frozen=True, kw_only=True):
    """A variant as it shall be."""

    sku: str
    options: Mapping[str, str] = {}
    prices: Sequence[Money] = ()


class NewImage(msgspec.Struct, frozen=True, kw_only=True):
    """An image as it shall be."""

    url: str
    alt: str = ""


def put_variants(product: Product, wanted: Sequence[NewVariant]) -> None:
    """Make these the variants of a product that is still to be saved. Raises `Taken`."""
    refuse_taken_skus(product, [each.sku for each in wanted])
    known = {variant.sku: variant for variant in Variant.objects.filter(product=product)}
    Variant.objects.filter(product=product).exclude(sku__in=[each.sku for each in wanted]).delete()
    variants = [known.get(each.sku) or Variant(product=product, sku=each.sku) for each in wanted]
    for position, (variant, each) in enumerate(zip(variants, wanted, strict=True)):
        variant.position, variant.options = position, dict(each.options)
    Variant.objects.bulk_update([each for each in variants if each.sku in known], ["position", "options"])
    Variant.objects.bulk_create(each for each in variants if each.sku not in known)
    _put_prices(variants, wanted)
    note_lowest([product])
    product.keywords = " ".join(word for each in wanted for word in (each.sku, *each.options.values()))
    product.remember_variants(variants)


def put_images(product: Product, wanted: Sequence[NewImage]) -> None:
    """Make these the images of a product that is still to be saved."""
    Image.objects.filter(product=product).delete()
    Image.objects.bulk_create(
        Image(product=product, position=position, url=each.url, alt=each.alt) for position, each in enumerate(wanted)
    )


def _put_prices(variants: Sequence[Variant], wanted: Sequence[NewVariant]) -> None:
    Price.objects.filter(variant__in=variants).delete()
    Price.objects.bulk_create(
        Price(variant=variant, currency=price.currency, amount=price.amount)
        for variant, each in zip(variants, wanted, strict=True)
        for price in each.prices
    )
