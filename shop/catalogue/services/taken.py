"""Slugs and SKUs belong to one product each. Who comes second is told so, also when both come at once."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from shop.catalogue.models import Product, Variant

_GUARDS = {"product_slug_once": "slug", "variant_sku_once": "sku"}


class Taken(ValueError):
    """Another product has this already; `member` says what, `values` which, unless it was taken just now."""

    def __init__(self, member: str, values: Collection[str] = ()) -> None:
        super().__init__(Taken.__doc__)
        self.member = member
        self.values = values


@contextmanager
def taken() -> Iterator[None]:
    """What the database refuses because somebody else was quicker is `Taken`."""
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        guard = getattr(diagnosis, "constraint_name", "")
        if guard not in _GUARDS:
            raise
        raise Taken(_GUARDS[guard]) from error


def refuse_taken_slug(product: Product) -> None:
    """Raises `Taken` if another product has this one's slug."""
    if Product.objects.filter(slug=product.slug).exclude(pk=product.pk).exists():
        raise Taken("slug", [product.slug])


def refuse_taken_skus(product: Product, skus: Collection[str]) -> None:
    """Raises `Taken` if another product has some of these SKUs."""
    others = Variant.objects.filter(sku__in=skus).exclude(product=product).order_by("sku")
    if found := list(others.values_list("sku", flat=True)):
        raise Taken("sku", found)
