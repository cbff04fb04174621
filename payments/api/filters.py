"""How lists of payments may be narrowed."""

from django_filters import ChoiceFilter, UUIDFilter

from payments.models import Status
from shop.api.filters import Filters


class PaymentFilters(Filters):
    order = UUIDFilter("order_id")
    status = ChoiceFilter(choices=Status.choices)
