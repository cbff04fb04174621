"""Stock over HTTP, for staff and devices: look at it, and set it right."""

from typing import cast

from django.http import Http404
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inventory import services
from inventory.api.serializers import (
    AdjustmentSerializer,
    NewAdjustmentSerializer,
    StockSerializer,
    stock_as_json,
)
from inventory.models import StockLevel
from shop.api import conditional
from shop.api.idempotency import idempotent
from shop.api.permissions import StaffOnly
from shop.api.problems import Problem
from shop.catalogue.models import Variant
from shop.users.models import User

_REFUSALS = {
    "on_hand_changed": "Something else lies there than you expected; see on_hand.",
    "stock_reserved": "That would take pieces that are held for orders; see available_quantity.",
    "no_change": "So many lie there already.",
    "too_many": f"A place holds {services.MOST_PIECES} pieces at most.",
}


class Stock(APIView):
    permission_classes = [StaffOnly]
    required_scopes = {"get": "inventory:read"}
    required_permissions = {"get": "inventory.view_stocklevel"}

    @extend_schema(
        operation_id="stock_retrieve",
        summary="See what is in stock of a SKU",
        description="For staff: how many pieces lie there, how many are held for orders, and how many are free.",
        responses=StockSerializer,
    )
    @conditional.tagged
    def get(self, request: Request, sku: str) -> Response:
        levels = list(StockLevel.objects.filter(sku=sku).order_by("location"))
        if not levels:
            raise Http404
        return Response(stock_as_json(sku, levels), headers={"Cache-Control": "no-store"})


class Adjustments(APIView):
    permission_classes = [StaffOnly]
    required_scopes = {"post": "inventory:write"}
    required_permissions = {"post": "inventory.add_adjustment"}

    @extend_schema(
        operation_id="adjustments_create",
        summary="Adjust the stock",
        description=(
            "For staff, after counting: by a `delta`, or to `on_hand` if `expected_on_hand` still lies there. 409 says"
            " why it is refused: `on_hand_changed`, `stock_reserved`, `no_change` or `too_many`."
        ),
        request=NewAdjustmentSerializer,
        responses={201: AdjustmentSerializer, 404: OpenApiResponse(description="No such SKU was ever sold or stored.")},
        examples=[
            OpenApiExample("Three more", {"sku": "MUG-BLUE", "delta": 3, "reason": "Found behind the shelf"}),
            OpenApiExample(
                "Counted", {"sku": "MUG-BLUE", "expected_on_hand": 20, "on_hand": 18, "reason": "Stocktaking"}
            ),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        wanted = NewAdjustmentSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        _require_known(wanted.validated_data["sku"])
        try:
            adjustment = services.adjust(by=cast("User", request.user), **wanted.validated_data)
        except services.NotPossible as error:
            raise _refusal(error) from error
        here = {"Location": f"/api/v1/inventory/stock/{adjustment.sku}"}
        return Response(AdjustmentSerializer(adjustment).data, status=201, headers=here)


def _require_known(sku: str) -> None:
    """What lies on a shelf is in the catalogue, or was when it was laid there."""
    if not (Variant.objects.filter(sku=sku).exists() or StockLevel.objects.filter(sku=sku).exists()):
        raise Problem(404, "not_found", "There is no such SKU.")


def _refusal(error: services.NotPossible) -> Problem:
    level = error.level
    return Problem(
        409,
        error.code,
        _REFUSALS[error.code],
        on_hand=level.on_hand,
        reserved=level.reserved,
        available_quantity=level.available,
    )
