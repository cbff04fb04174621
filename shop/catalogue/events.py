"""What the catalogue tells the others."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from shop.bus import Event

if TYPE_CHECKING:
    from shop.catalogue.models import Product


class ProductEvent(Event, subject="products/{product_id}", key="product_id"):
    """What all news of a product carries. How it is described, pictured and priced is to be read where it is kept."""

    product_id: UUID
    slug: str
    product_name: str
    skus: tuple[str, ...]

    @classmethod
    def of(cls, product: "Product") -> Self:
        skus = tuple(variant.sku for variant in product.variants.all())
        return cls(product_id=product.pk, slug=product.slug, product_name=product.name, skus=skus)


class ProductCreated(ProductEvent, name="product.created", version=1):
    """This is in the catalogue and can be ordered; whether any of it is in stock is another matter."""


class ProductUpdated(ProductEvent, name="product.updated", version=1):
    """Something about it changed: its words, its category, images, variants or prices, or it is sold again."""


class ProductArchived(ProductEvent, name="product.archived", version=1):
    """It can no longer be ordered. Orders that have it keep it, and its SKUs stay taken."""
