"""What staff counted, and what is held for which order: to find and to read."""

from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from inventory.models import Adjustment, Reservation, ReservationLine
from shop.admin.filters import DaysFilter, WordFilter
from shop.admin.long_lists import LongListAdmin, ReadOnlyInline
from shop.admin.tones import TONES


class BySku(WordFilter):
    title = "SKU"
    parameter_name = "sku"
    lookup = "sku"


@admin.register(Adjustment)
class AdjustmentAdmin(LongListAdmin):
    list_display = ("adjusted_at", "sku", "location", "difference", "on_hand", "reason", "adjusted_by")
    list_select_related = ("adjusted_by",)
    list_filter = (BySku, ("adjusted_at", DaysFilter))
    ordering = ("-id",)

    @display(description="difference")
    def difference(self, adjustment: Adjustment) -> str:
        return f"{adjustment.delta:+}"


class LineInline(ReadOnlyInline):
    model = ReservationLine
    fields = ("sku", "location", "quantity", "shipped")
    readonly_fields = fields


@admin.register(Reservation)
class ReservationAdmin(LongListAdmin):
    list_display = ("order_id", "kind", "expires_at")
    search_fields = ("order_id",)
    search_help_text = "An order's id."
    ordering = ("-id",)
    fields = ("id", "order_id", "state", "expires_at", "lacking", "version")
    readonly_fields = fields
    inlines = [LineInline]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Reservation], search_term: str
    ) -> tuple[QuerySet[Reservation], bool]:
        term = search_term.strip()
        try:
            return (queryset.filter(order_id=UUID(term)) if term else queryset), False
        except ValueError:
            return queryset.none(), False

    @display(description="state", label=TONES)
    def kind(self, reservation: Reservation) -> tuple[str, str]:
        return reservation.state, reservation.get_state_display()
