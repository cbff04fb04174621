"""The tree that products are found in."""

from collections.abc import Iterator

from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from shop.catalogue.models.slugs import SLUG


class CategoryQuerySet(models.QuerySet["Category"]):
    """Finds whole branches in one query: there are few categories, so all are read."""

    def branch(self, slug: str) -> list["Category"]:
        """A category and all that are below it; nothing where there is none of this slug."""
        everything = list(self.all())
        return [below for root in everything if root.slug == slug for below in _branch(root, everything)]


class Category(models.Model):
    """A kind of products. Those of its subcategories are of this kind, too."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    position = models.PositiveSmallIntegerField(default=0)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name", "id"]
        verbose_name_plural = "categories"
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="category_slug_once"),
            models.CheckConstraint(condition=Q(slug__regex=SLUG), name="category_slug_is_one"),
            # A longer circle is refused by the trigger category_is_not_below_itself; see the migration.
            models.CheckConstraint(condition=~Q(parent=F("id")), name="category_is_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


def _branch(root: Category, everything: list[Category]) -> Iterator[Category]:
    yield root
    for category in everything:
        if category.parent_id == root.pk:
            yield from _branch(category, everything)
