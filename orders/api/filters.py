"""How lists of orders may be narrowed."""

from django import forms
from django.db.models import Q, QuerySet
from django_filters import BaseInFilter, CharFilter, ChoiceFilter, Filter, UUIDFilter

from orders.models import Order, Status
from shop.api.filters import Filters, MomentFilter
from shop.users.models import Guest, User


class StatusFilter(BaseInFilter, ChoiceFilter):
    """Any of some statuses, separated by commas."""


class NumberFilter(Filter):
    """An order's number, which people read out and type in: digits only."""

    field_class = forms.IntegerField


class OrderFilters(Filters):
    """What everybody may ask for."""

    status = StatusFilter(choices=Status.choices)
    placed_at__gt = MomentFilter("placed_at", lookup_expr="gt")
    placed_at__gte = MomentFilter("placed_at", lookup_expr="gte")
    placed_at__lt = MomentFilter("placed_at", lookup_expr="lt")
    placed_at__lte = MomentFilter("placed_at", lookup_expr="lte")
    external_reference = CharFilter()
    number = NumberFilter(min_value=1, max_value=2**63 - 1)


class StaffOrderFilters(OrderFilters):
    """What staff may ask for beside that: whose orders."""

    customer = UUIDFilter("customer_id")
    email = CharFilter(method="of_email")

    def of_email(self, orders: QuerySet[Order], _name: str, email: str) -> QuerySet[Order]:
        """Whom an address belongs to is looked up first: so the orders are found by an index."""
        customers = list(User.objects.filter(email=email.lower()).values_list("pk", flat=True))
        guests = list(Guest.objects.filter(email=email.lower()).values_list("pk", flat=True))
        return orders.filter(Q(customer__in=customers) | Q(guest__in=guests))
