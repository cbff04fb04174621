"""Products as staff make, change, price and archive them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api import conditional
from shop.api.idempotency import idempotent
from shop.api.permissions import Anyone, StaffOnly
from shop.api.problems import Problem
from shop.catalogue import queries, services
from shop.catalogue.api import bulk, schema
from shop.catalogue.api.serializers.wanted import AmountSerializer, NewProductSerializer, ProductChangeSerializer
from shop.catalogue.api.views.shoppers import ProductsForEverybody
from shop.catalogue.models import Product
from shop.money import Money


class ProductViewSet(ProductsForEverybody):
    required_scopes = dict.fromkeys(
        ("create", "partial_update", "archive", "restore", "price", "bulk"), "products:write"
    )
    required_permissions = {
        "create": "catalogue.add_product",
        **dict.fromkeys(("partial_update", "archive", "restore", "price", "bulk"), "catalogue.change_product"),
    }

    def get_permissions(self) -> list[BasePermission]:
        return [Anyone() if self.action in {"list", "retrieve", "find"} else StaffOnly()]

    @schema.CREATE
    @idempotent
    @conditional.tagged
    def create(self, request: Request) -> Response:
        wanted = NewProductSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        with _names_are_free():
            product = services.create(**wanted.validated_data)
        return Response(self._shown(product.pk), status=201, headers={"Location": f"/api/v1/products/{product.pk}"})

    @schema.PARTIAL_UPDATE
    @conditional.needs_match
    @conditional.tagged
    @transaction.atomic
    def partial_update(self, request: Request, pk: str) -> Response:
        product = self._seen(pk)
        wanted = ProductChangeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        with _names_are_free():
            services.change(product=product, **wanted.validated_data)
        return Response(self._shown(pk))

    @schema.ARCHIVE
    @idempotent
    @conditional.tagged
    def archive(self, request: Request, pk: str) -> Response:
        services.archive(product=get_object_or_404(Product.objects.locked(), pk=pk))
        return Response(self._shown(pk))

    @schema.RESTORE
    @conditional.needs_match
    @conditional.tagged
    @transaction.atomic
    def restore(self, request: Request, pk: str) -> Response:
        services.restore(product=self._seen(pk))
        return Response(self._shown(pk))

    @schema.PRICE
    @conditional.needs_match
    @conditional.tagged
    @transaction.atomic
    def price(self, request: Request, pk: str, sku: str, currency: str) -> Response:
        product = self._seen(pk)
        if currency not in settings.CURRENCIES or sku not in {variant.sku for variant in product.variants.all()}:
            raise Http404
        wanted = AmountSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        services.reprice(prices={sku: [Money(wanted.validated_data["amount"], currency)]})
        return Response(self._shown(pk))

    @schema.BULK
    @idempotent
    def bulk(self, request: Request) -> Response:
        return Response({"results": bulk.reprice(request)}, status=207)

    def _seen(self, pk: str) -> Product:
        """The product, locked, if the client has seen it as it is now."""
        product = get_object_or_404(queries.whole(Product.objects.locked()), pk=pk)
        conditional.require_tag(self.request, conditional.content_tag(self.get_serializer(product).data))
        return product

    def _shown(self, pk: Any) -> Any:  # a key from the address or from a row; JSON
        return self.get_serializer(queries.whole(Product.objects.all()).get(pk=pk)).data


@contextmanager
def _names_are_free() -> Iterator[None]:
    try:
        yield
    except services.Taken as error:
        raise Problem(409, f"{error.member}_taken", f"{error.args[0]}", taken=list(error.values)) from error
