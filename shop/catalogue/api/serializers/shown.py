"""Products and categories as they are shown."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from shop.catalogue.models import Category, Image, Price, Product, Variant


class PriceSerializer(serializers.ModelSerializer[Price]):
    """`amount` is in minor units of `currency`."""

    class Meta:
        model = Price
        fields = ("currency", "amount")


class ImageSerializer(serializers.ModelSerializer[Image]):
    class Meta:
        model = Image
        fields = ("url", "alt")


class VariantSerializer(serializers.ModelSerializer[Variant]):
    """What is ordered by its SKU. How many there are is not for everybody; whether there are any is."""

    options = serializers.DictField(child=serializers.CharField())
    in_stock = serializers.BooleanField()
    prices = PriceSerializer(many=True)

    class Meta:
        model = Variant
        fields = ("sku", "options", "in_stock", "prices")


class LinksSerializer(serializers.Serializer[Any]):
    self = serializers.CharField()


class ProductSerializer(serializers.ModelSerializer[Product]):
    """`category` is a slug; images and variants stand in the order in which they are to be shown."""

    category = serializers.CharField(source="category.slug", default=None, allow_null=True)
    images = ImageSerializer(many=True)
    variants = VariantSerializer(many=True)
    archived = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = (
            "id",
            "slug",
            "name",
            "description",
            "category",
            "images",
            "variants",
            "archived",
            "updated_at",
            "links",
        )

    def get_archived(self, product: Product) -> bool:
        return not product.active

    @extend_schema_field(LinksSerializer)
    def get_links(self, product: Product) -> dict[str, str]:
        return {"self": f"/api/v1/products/{product.pk}"}


class CategorySerializer(serializers.Serializer[Category]):
    """A category with those below it, in the order in which they are to be shown."""

    slug = serializers.CharField()
    name = serializers.CharField()
    children = serializers.SerializerMethodField()

    @extend_schema_field({"type": "array", "items": {"$ref": "#/components/schemas/Category"}})
    def get_children(self, category: Category) -> list[dict[str, Any]]:
        return [CategorySerializer(each, context=self.context).data for each in self.context["children"][category.pk]]


class CategoriesSerializer(serializers.Serializer[Any]):
    """The tree, from its roots."""

    results = serializers.SerializerMethodField()

    @extend_schema_field(CategorySerializer(many=True))
    def get_results(self, categories: Iterable[Category]) -> Any:  # JSON
        children = defaultdict[UUID | None, list[Category]](list)
        for category in categories:
            children[category.parent_id].append(category)
        return [CategorySerializer(root, context={"children": children}).data for root in children[None]]
