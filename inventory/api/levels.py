"""Levels over HTTP: how much lies where, SKU by SKU, for staff."""

from django.db.models import F, Q, QuerySet
from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from inventory.api.serializers import ListedLevelSerializer
from inventory.models import StockLevel
from shop.api.filters import Filters
from shop.api.permissions import StaffOnly


class LevelFilters(Filters):
    location = CharFilter()
    low = ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="that_are_low")

    def that_are_low(self, levels: QuerySet[StockLevel], _name: str, low: str) -> QuerySet[StockLevel]:
        is_low = Q(low_at__gt=0, on_hand__lte=F("reserved") + F("low_at"))
        return levels.filter(is_low if low == "true" else ~is_low)


class LevelViewSet(ListModelMixin, GenericViewSet[StockLevel]):
    queryset = StockLevel.objects.all()
    serializer_class = ListedLevelSerializer
    filterset_class = LevelFilters
    permission_classes = [StaffOnly]
    orderings = {"sku": ("sku", "location")}
    required_scopes = {"list": "inventory:read"}
    required_permissions = {"list": "inventory.view_stocklevel"}

    @extend_schema(
        operation_id="stock_list",
        summary="Find what is in stock",
        description=(
            "For staff: every SKU at every place. With `low=true` those of which no more than `low_at` pieces are "
            "free; where that is 0 nobody minds."
        ),
    )
    def list(self, request: Request) -> Response:
        return super().list(request)
