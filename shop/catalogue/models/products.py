"""What is sold: a product, and how it looks."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from uuid_utils.compat import uuid7

from shop.catalogue.models.categories import Category
from shop.catalogue.models.slugs import SLUG, UUID
from shop.catalogue.models.words import WORDS
from shop.states import Guarded, GuardedQuerySet

if TYPE_CHECKING:
    from shop.catalogue.models.variants import Variant

IMAGE_URL = r"^(https://[^\s\\]+|/[^/\s\\][^\s\\]*)$"
"""By HTTPS, or a path of ours. What a browser reads as another scheme or host (`javascript:`, `//`, `/\\`) is none."""


class ProductManager(models.Manager.from_queryset(GuardedQuerySet["Product"])):  # type: ignore[misc]  # made at run time
    """Reads products without what PostgreSQL finds them by, which is for PostgreSQL only."""

    def get_queryset(self) -> GuardedQuerySet["Product"]:
        found: GuardedQuerySet[Product] = super().get_queryset().defer("search")
        return found


class Product(Guarded):
    """Something that can be ordered in each of its variants, while it is active; later it is archived, not deleted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="products")
    active = models.BooleanField(default=True)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    keywords = models.TextField(default="", editable=False)  # what its variants add to what it is found by
    search = models.GeneratedField(expression=WORDS, output_field=SearchVectorField(), db_persist=True)

    objects: ClassVar[ProductManager] = ProductManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="product_slug_once"),
            # "bulk" is an address of its own, and an id is looked for among ids.
            models.CheckConstraint(
                condition=Q(slug__regex=SLUG) & ~Q(slug__regex=UUID) & ~Q(slug="bulk"), name="product_slug_is_one"
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="product_search"),
            GinIndex(OpClass("name", "gin_trgm_ops"), name="product_similar_name"),
            models.Index(Lower("name"), "id", condition=Q(active=True), name="product_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def touch(self) -> None:
        """Something changed that is not in a column: variants, prices or images. Saving tells it."""
        self.updated_at = timezone.now()

    def remember_variants(self, variants: "list[Variant]") -> None:
        """These are the product's variants, as `prefetch_related` would have found them."""
        known: Any = self.variants.all()
        known._result_cache = variants  # noqa: SLF001 - Django has no public way to hand over what is known
        vars(self)["_prefetched_objects_cache"] = {"variants": known}


class Image(models.Model):
    """A picture of a product, by its address; `alt` says what is to be seen."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    position = models.PositiveSmallIntegerField()
    url = models.CharField(max_length=2000)
    alt = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["product", "position"], name="image_once_per_position"),
            models.CheckConstraint(condition=Q(url__regex=IMAGE_URL), name="image_url_is_harmless"),
        ]

    def __str__(self) -> str:
        return self.url
