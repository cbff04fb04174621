"""What staff do with a product, each on a page of its own; see `shop.admin.deeds`."""

from typing import Any

from django import forms
from django.conf import settings
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from shop.admin import fields
from shop.admin.deeds import Deed
from shop.catalogue import services
from shop.catalogue.admin.fields import SLUG_IS_ONE, Variants, as_text
from shop.catalogue.models import Category, Product
from shop.money import Money
from shop.users.models import User

MOST = 2**31 - 1
"""Minor units that a price has at most."""


class ProductDeed(Deed):
    row: Product
    subject = "products"
    refusals = (services.Taken,)

    def noted(self) -> dict[str, Any]:
        product = self.row
        return {
            "slug": product.slug,
            "name": product.name,
            "description": product.description,
            "category": product.category.slug if product.category else None,
            "active": product.active,
            "variants": {each.sku: each.options for each in product.variants.all()},
            "prices": {
                f"{sku} {price.currency}": str(price) for sku, all_ in prices_of(product).items() for price in all_
            },
        }

    def explain(self, refusal: Exception) -> str:
        if not isinstance(refusal, services.Taken):
            return str(refusal)
        return f"Another product has this {refusal.member} already: {', '.join(refusal.values) or 'since just now'}."


class Words(forms.Form):
    """How a product is called, described and found."""

    name = fields.Text(max_length=200)
    slug = fields.Text(max_length=200, validators=SLUG_IS_ONE, help_text="Its part of the address.")
    description = forms.CharField(
        max_length=20_000, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 5})
    )
    category = forms.ModelChoiceField(Category.objects.all(), required=False, widget=UnfoldAdminSelectWidget)


class Describe(ProductDeed, Words):
    title = "Describe"
    button = "Keep"
    action = "product.described"

    def __init__(self, row: Product, *args: Any, **options: Any) -> None:
        super().__init__(row, *args, **options)
        for name in Words.base_fields:
            self.fields[name].initial = getattr(row, name)

    def do(self, by: User) -> str:
        services.change(product=self.row, **{name: self.cleaned_data[name] for name in Words.base_fields})
        return "It is described so from now on."


class Vary(ProductDeed):
    title = "Variants"
    button = "Keep"
    action = "product.varied"

    variants = Variants()

    def __init__(self, row: Product, *args: Any, **options: Any) -> None:
        super().__init__(row, *args, **options)
        field: Any = self.fields["variants"]  # whose own type the form does not know
        field.prices, field.initial = prices_of(row), as_text(list(row.variants.all()))

    def told(self) -> str:
        return "A variant that stays keeps its prices; one that is left out can no longer be ordered."

    def do(self, by: User) -> str:
        services.change(product=self.row, variants=self.cleaned_data["variants"])
        return f"It has {len(self.cleaned_data['variants'])} variants."


class Price(ProductDeed):
    title = "Prices"
    button = "Keep"
    action = "product.repriced"

    def __init__(self, row: Product, *args: Any, **options: Any) -> None:
        super().__init__(row, *args, **options)
        self.places: dict[str, tuple[str, str]] = {}
        known = {(sku, price.currency): price for sku, prices in prices_of(row).items() for price in prices}
        for variant in row.variants.all():
            for currency in settings.CURRENCIES:
                name, price = f"{variant.pk}_{currency}", known.get((variant.sku, currency))
                self.places[name] = (variant.sku, currency)
                self.fields[name] = fields.Amount(
                    currency=currency,
                    least=0,
                    most=MOST,
                    label=f"{variant.sku} in {currency}",
                    required=price is not None,
                )
                self.fields[name].initial = price.decimal if price else None

    def do(self, by: User) -> str:
        prices: dict[str, list[Money]] = {}
        for name, (sku, currency) in self.places.items():
            if self.cleaned_data[name] is not None:
                prices.setdefault(sku, []).append(Money(self.cleaned_data[name], currency))
        services.reprice(prices=prices)
        return "These are its prices from now on."


class Archive(ProductDeed):
    title = "Archive"
    button = "Sell it no longer"
    action = "product.archived"

    reason = fields.Reason(required=False)

    def is_possible(self) -> bool:
        return self.row.active

    def told(self) -> str:
        return "It can no longer be ordered. Orders that have it keep it, and its SKUs stay taken."

    def do(self, by: User) -> str:
        services.archive(product=self.row)
        return "It is sold no longer."


class Restore(ProductDeed):
    title = "Sell again"
    button = "Sell it again"
    action = "product.restored"

    def is_possible(self) -> bool:
        return not self.row.active

    def do(self, by: User) -> str:
        services.restore(product=self.row)
        return "It is sold again."


def prices_of(product: Product) -> dict[str, list[Money]]:
    """Its prices by SKU."""
    variants = product.variants.prefetch_related("prices")
    return {each.sku: [Money(price.amount, price.currency) for price in each.prices.all()] for each in variants}
