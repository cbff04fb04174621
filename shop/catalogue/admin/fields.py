"""Fields of forms about products."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from unfold.widgets import UnfoldAdminTextareaWidget

from shop.catalogue.models import Variant
from shop.catalogue.models.slugs import SKU, SLUG, UUID
from shop.catalogue.services import NewVariant
from shop.money import Money

_MOST_VARIANTS, _MOST_OPTIONS, _LONGEST_SKU, _LONGEST_OPTION = 200, 5, 64, 60
_OPTION = re.compile("[a-z][a-z0-9_]{0,39}")

SLUG_IS_ONE = (
    RegexValidator(SLUG.removesuffix("$") + r"\Z", "Lower-case words with hyphens between them."),
    RegexValidator(f"{UUID}|^bulk$", "This is an address of another kind.", inverse_match=True),
)


class Variants(forms.CharField):
    """A line for each variant, `MUG-BLUE: colour=blue, size=M`; what is known by its SKU keeps its prices."""

    prices: Mapping[str, Sequence[Money]] = {}

    def __init__(self, **options: Any) -> None:
        told = "A line for each: its SKU, a colon, and its options, such as MUG-BLUE: colour=blue, size=M."
        super().__init__(widget=UnfoldAdminTextareaWidget(attrs={"rows": 8}), help_text=told, **options)

    def clean(self, value: Any) -> list[NewVariant]:
        lines = [line for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > _MOST_VARIANTS:
            raise forms.ValidationError(f"{_MOST_VARIANTS} variants at most.")
        wanted = [self._variant(line) for line in lines]
        for what, values in (("SKU", [each.sku for each in wanted]), ("choice", [_choice(each) for each in wanted])):
            if len(set(values)) < len(values):
                raise forms.ValidationError(f"Each {what} may stand here once only.")
        return wanted

    def _variant(self, line: str) -> NewVariant:
        sku, _, told = line.partition(":")
        sku, pairs = sku.strip(), [pair.partition("=") for pair in told.split(",") if pair.strip()]
        options = {name.strip(): chosen.strip() for name, _, chosen in pairs}
        is_sku = re.fullmatch(SKU, sku) and len(sku) <= _LONGEST_SKU
        if not is_sku or len(options) < len(pairs) or len(pairs) > _MOST_OPTIONS or not _are_options(options):
            raise forms.ValidationError(f"This is no variant: {line[:100]}")
        return NewVariant(sku=sku, options=options, prices=self.prices.get(sku, ()))


def as_text(variants: Sequence[Variant]) -> str:
    """Variants as the field shows them."""
    return "\n".join(
        f"{variant.sku}: {', '.join(f'{name}={chosen}' for name, chosen in variant.options.items())}"
        for variant in variants
    )


def _choice(variant: NewVariant) -> frozenset[tuple[str, str]]:
    return frozenset(variant.options.items())


def _are_options(options: Mapping[str, str]) -> bool:
    return all(_OPTION.fullmatch(name) and 0 < len(chosen) <= _LONGEST_OPTION for name, chosen in options.items())
