"""Filters of lists: named as Stripe names them (`placed_at[gte]`), and a misspelt one is said instead of ignored."""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters import Filter, FilterSet, IsoDateTimeFilter, TypedChoiceFilter
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.drainage import set_override
from rest_framework.request import Request
from rest_framework.views import APIView

from shop.api.problems import Problem

_BOUNDS = ("gt", "gte", "lt", "lte")


class MomentField(IsoDateTimeField):
    """A time in UTC, from whatever zone: PostgreSQL takes no offset of sixteen hours, which RFC 3339 allows."""

    def to_python(self, value: Any) -> datetime | None:
        moment: datetime | None = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class MomentFilter(IsoDateTimeFilter):
    """Compares with a moment (RFC 3339)."""

    field_class = MomentField


class Described(Filter):
    """Says of itself in the OpenAPI document what it takes."""

    schema: ClassVar[dict[str, Any]]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        set_override(self, "field", self.schema | {"description": options["label"]})


class YesOrNoFilter(Described, TypedChoiceFilter):
    """`true` or `false`; anything else is refused, where Django's own would be silent."""

    schema = {"type": "boolean"}

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[("true", "true"), ("false", "false")], coerce=_is_yes, **options)


def _is_yes(text: str) -> bool:
    return text == "true"


class Filters(FilterSet):
    """Base of a list's filters. `placed_at__gte = MomentFilter(...)` is asked for as `placed_at[gte]`."""

    @classmethod
    def get_filters(cls) -> OrderedDict[str, Filter]:
        return OrderedDict((_bracketed(name), each) for name, each in super().get_filters().items())


class FilterBackend(DjangoFilterBackend):
    """Refuses a query parameter that the view does not know, wherever it is; filters lists only."""

    def filter_queryset(  # type: ignore[override]  # the stubs ask for less than DRF gives
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        is_list = getattr(view, "action", "list") == "list"
        known = self._known(queryset, view) if is_list else set()
        if unknown := set(request.query_params) - known:
            errors = [
                {"parameter": name, "code": "unknown", "detail": "This parameter is not known here."}
                for name in sorted(unknown)
            ]
            raise Problem(400, "invalid", "Some parameters are not valid; see errors.", errors=errors)
        return _filtered(super().get_filterset(request, queryset, view), queryset) if is_list else queryset

    def _known(self, queryset: QuerySet[Any], view: APIView) -> set[str]:
        filterset = self.get_filterset_class(view, queryset)
        pages = getattr(view, "pagination_class", None)
        return {*(filterset.base_filters if filterset else ()), *(pages.parameters if pages else ())}


def _filtered(filterset: FilterSet | None, queryset: QuerySet[Any]) -> QuerySet[Any]:
    if filterset is None:
        return queryset
    if errors := [*_empty(filterset), *_told(filterset)]:
        raise Problem(400, "invalid", "Some parameters are not valid; see errors.", errors=errors)
    found: QuerySet[Any] = filterset.qs
    return found


def _empty(filterset: FilterSet) -> Iterator[dict[str, str]]:
    """A moment or a number of nothing would be passed over, and everything be found; a text may be empty."""
    for name, each in filterset.filters.items():
        if each.field_class is not forms.CharField and (filterset.data or {}).get(name) == "":
            yield {"parameter": name, "code": "empty", "detail": "This parameter has no value."}


def _told(filterset: FilterSet) -> Iterator[dict[str, str]]:
    for name, errors in filterset.form.errors.get_json_data().items():
        for error in errors:
            yield {"parameter": name, "code": error["code"] or "invalid", "detail": error["message"]}


def _bracketed(name: str) -> str:
    stem, _, bound = name.rpartition("__")
    return f"{stem}[{bound}]" if stem and bound in _BOUNDS else name
