"""How staff find orders among millions: by what an index knows, and newest first."""

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter

from orders.models import Order, PaymentStatus, Status, StockStatus
from shop.admin.pages import COUNTED
from shop.users.models import Guest, User

WINDOW = timedelta(days=30)
"""How far back is looked where no index helps, unless days are chosen."""

_LARGEST = 2**63 - 1


def find(orders: QuerySet[Order], term: str) -> QuerySet[Order]:
    """Orders with this number, id or external reference, or of whoever has this e-mail address.

    What is looked for is found first: the planner would otherwise rather read all orders, newest first.
    """
    if "\0" in term:
        return orders.none()
    wanted = _of_person(term) if "@" in term else Q(external_reference=term) | _number_or_id(term)
    found = Order.objects.filter(wanted).order_by().values_list("pk", flat=True)[:COUNTED]
    return orders.filter(pk__in=list(found))


def _of_person(email: str) -> Q:
    address = email.lower()
    customers = User.objects.filter(email=address).values_list("pk", flat=True)
    guests = Guest.objects.filter(email=address).values_list("pk", flat=True)
    return Q(customer__in=list(customers)) | Q(guest__in=list(guests[:COUNTED]))


def _number_or_id(term: str) -> Q:
    if term.isdecimal() and int(term) <= _LARGEST:
        return Q(number=int(term))
    try:
        return Q(pk=UUID(term))
    except ValueError:
        return Q(pk__in=[])


class StatusFilter(DropdownFilter):
    title = "state"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in Status.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.filter(status=self.value()) if self.value() else queryset


class _RecentFilter(DropdownFilter):
    """By a column without an index, which every order changes often: only recent orders are looked through."""

    choices_of: ClassVar[Any]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in self.choices_of.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        if not self.value():
            return queryset
        found = queryset.filter(**{str(self.parameter_name): self.value()})
        days_are_chosen = request.GET.get("placed_at_from") or request.GET.get("placed_at_to")
        return found if days_are_chosen else found.filter(placed_at__gte=timezone.now() - WINDOW)


class PaymentFilter(_RecentFilter):
    title = "payment (of 30 days, unless others are chosen)"
    parameter_name = "payment_status"
    choices_of = PaymentStatus


class StockFilter(_RecentFilter):
    title = "stock (of 30 days, unless others are chosen)"
    parameter_name = "stock_status"
    choices_of = StockStatus
