"""Products as wholes: made, changed, archived, and sold again."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from shop.catalogue.models import Category, Product
from shop.catalogue.services.parts import NewImage, NewVariant, put_images, put_variants
from shop.catalogue.services.taken import refuse_taken_slug, taken


@transaction.atomic(savepoint=False)
def create(
    *,
    slug: str,
    name: str,
    description: str = "",
    category: Category | None = None,
    variants: Sequence[NewVariant],
    images: Sequence[NewImage] = (),
) -> Product:
    """Sell something new from now on, in these variants.

    The product is written after its parts, so that its news carries them. Raises `Taken`.
    """
    product = Product(slug=slug, name=name, description=description, category=category)
    refuse_taken_slug(product)
    with taken():
        put_variants(product, variants)
        put_images(product, images)
        product.save()
    return product


@transaction.atomic(savepoint=False)
def change(
    *,
    product: Product,
    variants: Sequence[NewVariant] | None = None,
    images: Sequence[NewImage] | None = None,
    **columns: Any,  # of the product, by name
) -> None:
    """Change a locked product; variants and images, where they are given, are all that it has from now on.

    A variant that stays is known by its SKU. Raises `Taken`.
    """
    for name, value in columns.items():
        setattr(product, name, value)
    refuse_taken_slug(product)
    with taken():
        if variants is not None:
            put_variants(product, variants)
        if images is not None:
            put_images(product, images)
        if variants is not None or images is not None or product.changes():
            product.touch()
            product.save()


@transaction.atomic(savepoint=False)
def archive(*, product: Product) -> None:
    """Sell a locked product no longer; orders that have it keep it."""
    _set_active(product, active=False)


@transaction.atomic(savepoint=False)
def restore(*, product: Product) -> None:
    """Sell a locked product again."""
    _set_active(product, active=True)


def _set_active(product: Product, *, active: bool) -> None:
    if product.active != active:
        product.active = active
        product.touch()
        product.save()
