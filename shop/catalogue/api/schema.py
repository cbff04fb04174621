"""What the OpenAPI document says of the catalogue."""

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema

from shop.catalogue.api.bulk import BulkSerializer, ResultsSerializer
from shop.catalogue.api.serializers.shown import CategoriesSerializer, ProductSerializer
from shop.catalogue.api.serializers.wanted import AmountSerializer, NewProductSerializer, ProductChangeSerializer

_PRICES = {"prices": [{"currency": "EUR", "amount": 1200}]}
_VARIANT = {"sku": "MUG-BLUE", "options": {"colour": "blue"}} | _PRICES
_MUG = {
    "slug": "stoneware-mug",
    "name": "Stoneware mug",
    "description": "Thrown by hand, holds 350 ml, dishwasher safe.",
    "category": "mugs",
    "images": [{"url": "https://cdn.example.com/mug-blue.webp", "alt": "A blue mug"}],
    "variants": [_VARIANT],
}
_SHOWN = _MUG | {
    "id": "019ab3c2-4f0e-7d3b-9a52-1f6f0c9c6f10",
    "variants": [_VARIANT | {"in_stock": True}],
    "archived": False,
    "updated_at": "2026-11-23T16:00:00Z",
    "links": {"self": "/api/v1/products/019ab3c2-4f0e-7d3b-9a52-1f6f0c9c6f10"},
}
_TREE = {"results": [{"slug": "kitchen", "name": "Kitchen", "children": [{"slug": "mugs", "name": "Mugs"}]}]}
_RESULTS = {
    "results": [
        {"sku": "MUG-BLUE", "status": 200},
        {"sku": "MUG-PLAID", "status": 404, "problem": {"code": "not_found", "detail": "There is no such SKU."}},
    ]
}


def _sent(value: object) -> list[OpenApiExample]:
    return [OpenApiExample("Sent", value, request_only=True)]


def _answered(value: object, *, status: int = 200) -> list[OpenApiExample]:
    return [OpenApiExample("Answered", value, response_only=True, status_codes=[str(status)])]


_NOT_STAFF = OpenApiResponse(description="Only the shop's staff see what is archived; `code` is `staff_only`.")
_GONE = OpenApiResponse(description="It is not sold any more; `code` is `product_archived`. Staff still see it.")
_TAKEN = OpenApiResponse(
    description="The slug or a SKU is another product's (`slug_taken`, `sku_taken`, and which in `taken`), or the"
    " Idempotency-Key is in use."
)

LIST = extend_schema(
    operation_id="products_list",
    summary="Look for products",
    description=(
        "Everything that is sold, in pages. `q` finds German and English words by their stems and the last word"
        " by its beginning, in names before SKUs and options before descriptions; where nothing has all of the"
        " words, names that are spelt similarly are listed. The most relevant come first then, otherwise the"
        " newest. Conditions on variants (`sku`, `price`, `in_stock`) are met by one variant together."
    ),
    responses={200: ProductSerializer(many=True), 403: _NOT_STAFF},
)

RETRIEVE = extend_schema(
    operation_id="products_retrieve",
    summary="Look at a product",
    description="With its variants, whether they are in stock, and all prices.",
    responses={200: ProductSerializer, 410: _GONE},
    examples=_answered(_SHOWN),
)

FIND = extend_schema(
    operation_id="products_find",
    summary="Look at a product by its slug",
    description="As by its id.",
    responses={200: ProductSerializer, 410: _GONE},
    examples=_answered(_SHOWN),
)

CREATE = extend_schema(
    operation_id="products_create",
    summary="Sell a new product",
    description="For staff. Its stock is counted by inventory: until then it is not in stock.",
    request=NewProductSerializer,
    responses={201: ProductSerializer, 409: _TAKEN},
    examples=_sent(_MUG) + _answered(_SHOWN, status=201),
)

PARTIAL_UPDATE = extend_schema(
    operation_id="products_update",
    summary="Change a product",
    description=(
        "For staff. What is left out stays. `images` and `variants` are given as whole lists: a variant is known"
        " by its SKU, and one that is left out is sold no longer."
    ),
    request=ProductChangeSerializer,
    responses={200: ProductSerializer, 409: _TAKEN},
    examples=_sent({"name": "Stoneware mug, 350 ml"}) + _answered(_SHOWN),
)

ARCHIVE = extend_schema(
    operation_id="products_archive",
    summary="Sell a product no longer",
    description="For staff. Orders that have it keep it, its slug and SKUs stay taken, and it can be restored.",
    request=None,
    responses=ProductSerializer,
    examples=_answered(_SHOWN | {"archived": True}),
)

RESTORE = extend_schema(
    operation_id="products_restore",
    summary="Sell an archived product again",
    description="For staff.",
    responses={200: ProductSerializer},
    examples=_answered(_SHOWN),
)

PRICE = extend_schema(
    operation_id="products_price",
    summary="Set a price",
    description="For staff: what one variant costs in one currency, in minor units.",
    request=AmountSerializer,
    responses=ProductSerializer,
    examples=_sent({"amount": 1200}) + _answered(_SHOWN),
)

BULK = extend_schema(
    operation_id="products_bulk",
    summary="Set many prices",
    description=(
        "For staff: up to 1000 items, each a SKU with its new prices; prices in other currencies stay. Each item"
        " is judged by itself and has its own result. Those that are good are done together."
    ),
    request=BulkSerializer,
    responses={207: ResultsSerializer},
    examples=_sent({"items": [{"sku": "MUG-BLUE"} | _PRICES]}) + _answered(_RESULTS, status=207),
)


CATEGORIES = extend_schema(
    operation_id="categories_list",
    summary="See all categories",
    description="The tree that products are found in. Products of a subcategory are in those above it, too.",
    responses=CategoriesSerializer,
    examples=_answered(_TREE),
)
