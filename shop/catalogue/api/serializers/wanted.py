"""Products as clients wish them."""

import re
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.text import slugify
from rest_framework import serializers

from shop.api.fields import StrictSerializer, Text, WholeNumber
from shop.catalogue.models import Category
from shop.catalogue.models.products import IMAGE_URL
from shop.catalogue.models.slugs import SKU, SLUG, UUID
from shop.catalogue.services import NewImage, NewVariant
from shop.money import Money

_LONGEST_NAME = 200
_LONGEST_DESCRIPTION = 20_000
_MOST_VARIANTS = 200
_MOST_IMAGES = 50
_MOST_OPTIONS = 5
_MOST_MINOR_UNITS = 2**31 - 1
_OPTION = re.compile("[a-z][a-z0-9_]{0,39}")


class _Repeated(serializers.ValidationError):
    def __init__(self, what: str) -> None:
        super().__init__(f"Each {what} may stand here once only.", f"{what}_repeated")


def _is_slug(text: str) -> bool:
    return bool(re.fullmatch(SLUG, text)) and not re.fullmatch(UUID, text) and text != "bulk"


class PatternField(Text):
    """Text that is of a pattern from its first character to its last."""

    def __init__(self, pattern: str, told: str, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(RegexValidator(pattern.removesuffix("$") + r"\Z", told, "invalid"))


class AmountSerializer(StrictSerializer):
    """An amount in minor units."""

    amount = WholeNumber(min_value=0, max_value=_MOST_MINOR_UNITS)


class NewPriceSerializer(AmountSerializer):
    currency = serializers.ChoiceField(settings.CURRENCIES)


class PricesField(serializers.ListField):
    """Prices, one in each currency."""

    child = NewPriceSerializer()

    def run_validation(self, data: Any = serializers.empty) -> Any:
        prices = [Money(**price) for price in super().run_validation(data)]
        if len({price.currency for price in prices}) < len(prices):
            raise _Repeated("currency")
        return prices


class NewVariantSerializer(StrictSerializer):
    sku = PatternField(SKU, "Letters, digits, dots, hyphens and underscores.", max_length=64)
    options = serializers.DictField(child=Text(max_length=60), required=False)
    prices = PricesField(required=False, max_length=len(settings.CURRENCIES))

    def validate_options(self, options: dict[str, str]) -> dict[str, str]:
        if len(options) > _MOST_OPTIONS or not all(_OPTION.fullmatch(name) for name in options):
            raise serializers.ValidationError(f"{_MOST_OPTIONS} names such as colour or shoe_size at most.")
        return options


class NewImageSerializer(StrictSerializer):
    url = PatternField(IMAGE_URL, "An address that begins with https://, or a path of this site.", max_length=2000)
    alt = Text(max_length=200, required=False, allow_blank=True)


class NewProductSerializer(StrictSerializer):
    """What staff send for a new product. Without a slug it gets one that is made of its name."""

    name = Text(max_length=_LONGEST_NAME)
    slug = Text(max_length=_LONGEST_NAME, required=False)
    description = Text(max_length=_LONGEST_DESCRIPTION, required=False, allow_blank=True)
    category = Text(max_length=_LONGEST_NAME, required=False, allow_null=True)
    images = serializers.ListField(child=NewImageSerializer(), required=False, max_length=_MOST_IMAGES)
    variants = serializers.ListField(child=NewVariantSerializer(), allow_empty=False, max_length=_MOST_VARIANTS)

    def validate_slug(self, slug: str) -> str:
        if not _is_slug(slug):
            raise serializers.ValidationError("Lower-case words with hyphens between them, and no id.", "invalid")
        return slug

    def validate_category(self, slug: str | None) -> Category | None:
        category = None if slug is None else Category.objects.filter(slug=slug).first()
        if slug is not None and category is None:
            raise serializers.ValidationError("There is no such category.", "unknown_category")
        return category

    def validate_images(self, images: list[dict[str, Any]]) -> list[NewImage]:
        return [NewImage(**image) for image in images]

    def validate_variants(self, variants: list[dict[str, Any]]) -> list[NewVariant]:
        wanted = [NewVariant(**variant) for variant in variants]
        if len({variant.sku for variant in wanted}) < len(wanted):
            raise _Repeated("sku")
        if len({frozenset(variant.options.items()) for variant in wanted}) < len(wanted):
            raise _Repeated("options")
        return wanted

    def validate(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if "slug" in self.initial_data:
            return wanted
        slug = re.sub("[-_]+", "-", slugify(wanted["name"])).strip("-")
        if not _is_slug(slug):
            raise serializers.ValidationError({"slug": "This name makes no slug; send one."}, "required")
        return wanted | {"slug": slug}


class ProductChangeSerializer(NewProductSerializer):
    """What staff send to change a product: what is left out stays; a list is given as a whole."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields

    def validate(self, wanted: dict[str, Any]) -> dict[str, Any]:
        return wanted


class NewPricesSerializer(StrictSerializer):
    """New prices of one SKU; those in other currencies stay."""

    sku = PatternField(SKU, "Letters, digits, dots, hyphens and underscores.", max_length=64)
    prices = PricesField(allow_empty=False, max_length=len(settings.CURRENCIES))
