"""The list of payments, and a payment's page with every call to the gateway."""

from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from unfold.decorators import display

from payments.admin import deeds
from payments.models import Attempt, Payment, Refund
from shop.admin.buttons import button
from shop.admin.deeds import DeedsAdmin, perform
from shop.admin.long_lists import ReadOnlyInline
from shop.admin.tones import TONES
from shop.money import Money


class AttemptInline(ReadOnlyInline):
    """What was asked of the gateway under which key, and what it answered."""

    model = Attempt
    fields = ("operation", "key", "outcome", "code", "created_at", "settled_at", "late_answers")
    readonly_fields = fields
    ordering = ("created_at",)


class RefundInline(ReadOnlyInline):
    """What is given back, and why."""

    model = Refund
    fields = ("sum", "reason", "status", "requested_by", "created_at", "succeeded_at")
    readonly_fields = fields
    ordering = ("created_at",)

    @display(description="amount")
    def sum(self, refund: Refund) -> str:
        return str(refund.money)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Refund]:
        found: QuerySet[Refund] = super().get_queryset(request).select_related("payment", "requested_by")
        return found


@admin.register(Payment)
class PaymentAdmin(DeedsAdmin):
    list_display = ("order_number", "state", "sum", "taken", "given_back", "decline_code", "id")
    search_fields = ("order_number",)
    search_help_text = "An order's id, a payment's id, as it is written."
    ordering = ("-id",)
    fields = (
        *("id", "order_number", "order_id", "status", "sum", "taken", "given_back", "wish", "busy", "charge"),
        *("decline_code", "action_until", "version"),
    )
    readonly_fields = fields
    inlines = [AttemptInline, RefundInline]
    actions_detail = ("refund",)
    deeds = {"refund": deeds.Refund}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Payment], search_term: str
    ) -> tuple[QuerySet[Payment], bool]:
        term = search_term.strip()
        return (queryset.filter(_like(term)) if term else queryset), False

    @display(description="state", label=TONES)
    def state(self, payment: Payment) -> tuple[str, str]:
        return payment.status, payment.get_status_display()

    @display(description="amount")
    def sum(self, payment: Payment) -> str:
        return str(payment.money)

    @display(description="taken")
    def taken(self, payment: Payment) -> str:
        return str(Money(payment.captured, payment.currency))

    @display(description="given back")
    def given_back(self, payment: Payment) -> str:
        return str(Money(payment.refunded, payment.currency))

    @button("Refund", path="refund", permission="payments.add_refund", icon="undo")
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return perform(request, self, object_id, deeds.Refund)


def _like(term: str) -> Q:
    """By the ids that an index has; an order's number is looked for among the orders."""
    try:
        return Q(pk=UUID(term)) | Q(order_id=UUID(term))
    except ValueError:
        return Q(pk__in=[])
