"""The list of orders, and an order's page."""

from datetime import UTC
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from unfold.decorators import display

from orders.admin import deeds
from orders.admin.finding import PaymentFilter, StatusFilter, StockFilter, find
from orders.admin.pages import page_of
from orders.admin.returning import TakeBack
from orders.models import Order
from shop.admin.buttons import button
from shop.admin.deeds import DeedsAdmin, perform
from shop.admin.filters import DaysFilter
from shop.admin.tones import TONES
from shop.users.models import User


@admin.register(Order)
class OrderAdmin(DeedsAdmin):
    list_display = ("number", "placed", "buyer", "state", "stock", "payment", "fulfilment", "sum")
    list_filter = (StatusFilter, PaymentFilter, StockFilter, ("placed_at", DaysFilter))
    search_fields = ("number",)
    search_help_text = "A number, an e-mail address, an external reference or an id, as it is written."
    ordering = ("-placed_at", "-id")
    actions_detail = ("ship", "deliver", "take_back", "cancel")
    deeds = {"ship": deeds.Ship, "deliver": deeds.Deliver, "take_back": TakeBack, "cancel": deeds.Cancel}

    class Media:
        css = {"all": ["orders/order.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        found: QuerySet[Order] = super().get_queryset(request).select_related("customer", "guest")
        return found

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Who sees no people sees them in no list."""
        sees_people = request.user.has_perm("users.view_user")
        return [name for name in super().get_list_display(request) if name != "buyer" or sees_people]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        term = search_term.strip()
        return (find(queryset, term) if term else queryset), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        order = self.get_object(request, object_id)
        if order and self.has_view_permission(request, order):
            extra_context = {"page": page_of(order, cast("User", request.user))}
        answer: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return answer

    @display(description="placed (UTC)")
    def placed(self, order: Order) -> str:
        return f"{order.placed_at.astimezone(UTC):%Y-%m-%d %H:%M}"

    @display(description="customer")
    def buyer(self, order: Order) -> str:
        return str(order.customer or order.guest)

    @display(description="state", label=TONES)
    def state(self, order: Order) -> tuple[str, str]:
        return order.status, order.get_status_display()

    @display(description="stock", label=TONES)
    def stock(self, order: Order) -> tuple[str, str]:
        return order.stock_status, order.get_stock_status_display()

    @display(description="payment", label=TONES)
    def payment(self, order: Order) -> tuple[str, str]:
        return order.payment_status, order.get_payment_status_display()

    @display(description="shipped", label=TONES)
    def fulfilment(self, order: Order) -> tuple[str, str]:
        return order.fulfilment_status, order.get_fulfilment_status_display()

    @display(description="total")
    def sum(self, order: Order) -> str:
        return str(order.money)

    @button("Ship", path="ship", permission="orders.add_shipment", icon="local_shipping", is_main=True)
    def ship(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return perform(request, self, object_id, deeds.Ship)

    @button("Mark delivered", path="deliver", permission="orders.change_shipment", icon="where_to_vote")
    def deliver(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return perform(request, self, object_id, deeds.Deliver)

    @button("Take back", path="take-back", permission="orders.add_return", icon="assignment_return")
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return perform(request, self, object_id, TakeBack)

    @button("Cancel", path="cancel", permission="orders.change_order", icon="cancel")
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return perform(request, self, object_id, deeds.Cancel)
