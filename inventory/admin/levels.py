"""The list of stock levels, and a level's page with the book of its pieces."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from unfold.decorators import display

from inventory.admin import deeds
from inventory.models import Movement, StockLevel
from shop.admin.buttons import button
from shop.admin.deeds import DeedsAdmin, perform

_SHOWN = 20


@admin.register(StockLevel)
class StockLevelAdmin(DeedsAdmin):
    list_display = ("sku", "location", "on_hand", "reserved", "free", "low_at")
    search_fields = ("sku",)
    search_help_text = "A SKU, or how it begins."
    ordering = ("sku", "location", "id")
    fields = ("sku", "location", "on_hand", "reserved", "available", "low_at", "version", "book")
    readonly_fields = fields
    actions_detail = ("adjust", "mind")
    deeds = {"adjust": deeds.Adjust, "mind": deeds.Mind}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StockLevel], search_term: str
    ) -> tuple[QuerySet[StockLevel], bool]:
        """A range of the index, which `LIKE` would not use."""
        term = search_term.strip()
        if "\0" in term:
            return queryset.none(), False
        return (queryset.filter(sku__gte=term, sku__lt=term + _LAST) if term else queryset), False

    @display(description="free", label={"low": "danger", "enough": "success"})
    def free(self, level: StockLevel) -> tuple[str, str]:
        return "low" if level.is_low else "enough", str(level.available)

    @display(description=f"the last {_SHOWN} movements")
    def book(self, level: StockLevel) -> str:
        found = Movement.objects.filter(sku=level.sku, location=level.location).order_by("-moved_at")[:_SHOWN]
        return "\n".join(
            f"{each.moved_at:%Y-%m-%d %H:%M} UTC: {each.delta:+}, {each.get_cause_display()}" for each in found
        )

    @button("Adjust", path="adjust", permission="inventory.add_adjustment", icon="exposure", is_main=True)
    def adjust(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return perform(request, self, object_id, deeds.Adjust)

    @button("Mind", path="mind", permission="inventory.change_stocklevel", icon="notifications")
    def mind(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return perform(request, self, object_id, deeds.Mind)


_LAST = "\U0010ffff"
"""Sorts behind all that a SKU can go on with."""
