"""Filters of long lists: a word that is typed in, and days from and to. What cannot be there finds nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters import admin as unfold


class WordFilter(unfold.TextFilter):
    """Rows of which a lookup (`by__email`) says this word. Subclasses name title, parameter and lookup."""

    lookup: str

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        word = (self.value() or "").strip()
        if not word:
            return queryset
        return queryset.none() if "\0" in word else self.find(queryset, word)

    def find(self, queryset: QuerySet[Any], word: str) -> QuerySet[Any]:
        return queryset.filter(**{self.lookup: word})


class DaysFilter(unfold.RangeDateFilter):
    """Rows of some days, in UTC, the last one included; what is no day is passed over."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        first, end = self._day("from"), self._day("to", following=1)
        if first:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": first})
        if end:
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": end})
        return queryset

    def _day(self, which: str, *, following: int = 0) -> datetime | None:
        said = str(self.used_parameters.get(f"{self.parameter_name}_{which}", ""))
        try:
            return datetime.fromisoformat(said).replace(tzinfo=UTC) + timedelta(days=following)
        except (ValueError, OverflowError):
            return None
