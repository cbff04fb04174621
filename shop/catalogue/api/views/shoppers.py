"""Products as everybody finds them."""

from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from shop.api import conditional
from shop.api.permissions import scopes_of
from shop.api.problems import Problem
from shop.catalogue import queries
from shop.catalogue.api import schema
from shop.catalogue.api.filters import ProductFilters
from shop.catalogue.api.serializers.shown import ProductSerializer
from shop.catalogue.models import Product

_ORDERINGS = {
    "newest": ("-id",),
    "name": ("title", "id"),
    "price": ("lowest", "id"),
    "-price": ("-lowest", "-id"),
}
_BY_RELEVANCE = {"relevance": ("-relevance", "-id")}
_FOR_STAFF = {"Cache-Control": "no-store"}


class ProductsForEverybody(GenericViewSet[Product]):
    serializer_class = ProductSerializer
    filterset_class = ProductFilters
    queryset = Product.objects.all()

    @property
    def orderings(self) -> dict[str, tuple[str, ...]]:
        """By relevance where something is looked for, unless another order is asked for."""
        described = getattr(self, "swagger_fake_view", False)
        looked_for = described or self.request.query_params.get("q", "").strip()
        return (_BY_RELEVANCE if looked_for else {}) | _ORDERINGS

    @schema.LIST
    @conditional.tagged
    def list(self, request: Request) -> Response:
        archived = request.query_params.get("archived") == "true"
        if archived and not _sees_archived(request):
            raise Problem(403, "staff_only", "Only the shop's staff see what is not sold any more.")
        products = self.filter_queryset(queries.by_title(queries.whole(self.get_queryset())))
        page = self.paginate_queryset(products)
        answer = self.get_paginated_response(self.get_serializer(page, many=True).data)
        if archived:
            answer["Cache-Control"] = "no-store"
        return answer

    @schema.RETRIEVE
    @conditional.tagged
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._one(request, pk=pk)

    @schema.FIND
    @conditional.tagged
    def find(self, request: Request, slug: str) -> Response:
        return self._one(request, slug=slug)

    def _one(self, request: Request, **key: str) -> Response:
        product = get_object_or_404(self.filter_queryset(queries.whole(self.get_queryset())), **key)
        if product.active:
            return Response(self.get_serializer(product).data)
        if not _sees_archived(request):
            raise Problem(410, "product_archived", "This is not sold any more.")
        return Response(self.get_serializer(product).data, headers=_FOR_STAFF)


def _sees_archived(request: Request) -> bool:
    return bool(getattr(request.user, "is_staff", False)) and "products:read" in scopes_of(request)
