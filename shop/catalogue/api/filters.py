"""What a list of products can be narrowed to."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, NumberFilter

from shop.api.filters import Described, Filters, YesOrNoFilter
from shop.api.problems import bad_parameter
from shop.catalogue import queries, search
from shop.catalogue.models import Category, Product

BY_PRICE = {"price", "-price"}
_LONGEST_TEXT = 200
_MOST_SKUS = 100
_MOST_MINOR_UNITS = 2**31 - 1


class _WholeNumberFilter(Described, NumberFilter):
    field_class = forms.IntegerField  # type: ignore[assignment]  # the stubs know its default only
    schema = {"type": "integer", "minimum": 0}


class _Listed(forms.SelectMultiple):
    """A parameter that may be repeated, and may hold several values with commas between them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [value for text in super().value_from_datadict(data, files, name) or () for value in text.split(",")]


class _SkusField(forms.Field):
    widget = _Listed

    def clean(self, value: Any) -> set[str]:
        skus = {sku for sku in value or () if sku}
        if len(skus) > _MOST_SKUS or any("\0" in sku for sku in skus):
            raise forms.ValidationError(f"These are {_MOST_SKUS} SKUs at most.", code="invalid")
        return skus


class _SkusFilter(Described):
    field_class = _SkusField
    schema = {"type": "array", "items": {"type": "string"}}


class ProductFilters(Filters):
    q = CharFilter(max_length=_LONGEST_TEXT, label="Words to look for; the last one may be only begun.")
    category = CharFilter(label="The slug of a category; what is in its subcategories is meant, too.")
    currency = ChoiceFilter(
        choices=[(code, code) for code in settings.CURRENCIES],
        label=f"What `price` is in, {settings.CURRENCIES[0]} unless given; only what has a price in it is listed then.",
    )
    price__gte = _WholeNumberFilter(
        min_value=0, max_value=_MOST_MINOR_UNITS, label="The least that a variant may cost, in minor units."
    )
    price__lte = _WholeNumberFilter(
        min_value=0, max_value=_MOST_MINOR_UNITS, label="The most that a variant may cost, in minor units."
    )
    sku = _SkusFilter(label=f"SKUs, repeated or with commas between them; {_MOST_SKUS} at most.")
    in_stock = YesOrNoFilter(label="Whether such a variant can be had now; `false`: none can.")
    archived = YesOrNoFilter(label="`true`: what is not sold any more. For staff.")

    def filter_queryset(self, queryset: QuerySet[Product]) -> QuerySet[Product]:
        asked = self.form.cleaned_data
        products = queryset.filter(active=not asked["archived"])
        if asked["q"]:
            products = search.matching(products, asked["q"])
        if asked["category"]:
            products = products.filter(category__in=_branch(asked["category"]))
        if asked["currency"] or self.form.data.get("sort") in BY_PRICE:
            products = queries.priced_in(products, self._currency)
        condition, in_stock = self._variant(), None if asked["in_stock"] == "" else asked["in_stock"]
        wanted = condition or in_stock is not None
        return queries.with_variant(products, condition, in_stock=in_stock) if wanted else products

    @property
    def _currency(self) -> str:
        return str(self.form.cleaned_data["currency"] or settings.CURRENCIES[0])

    def _variant(self) -> Q:
        """What a variant has to be like."""
        asked = self.form.cleaned_data
        least, most = asked["price[gte]"], asked["price[lte]"]
        if least is not None and most is not None and least > most:
            raise bad_parameter("price[lte]", "bounds_reversed", "This is less than price[gte].")
        condition = Q(sku__in=asked["sku"]) if asked["sku"] else Q()
        if least is not None:
            condition &= Q(prices__currency=self._currency, prices__amount__gte=least)
        if most is not None:
            condition &= Q(prices__currency=self._currency, prices__amount__lte=most)
        return condition


def _branch(slug: str) -> list[Category]:
    branch = Category.objects.branch(slug)
    if not branch:
        raise bad_parameter("category", "unknown_category", "There is no such category.")
    return branch
