"""How the list of messages may be narrowed."""

from django_filters import ChoiceFilter

from notifications.models import Kind
from shop.api.filters import Filters, YesOrNoFilter


class MessageFilters(Filters):
    unread = YesOrNoFilter(
        field_name="read_at", lookup_expr="isnull", label="`true`: what was not read yet; `false`: what was."
    )
    kind = ChoiceFilter(choices=Kind.choices)
