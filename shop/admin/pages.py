"""Pages of lists that may be very long: nobody turns to the hundredth page, and nobody waits for a count of all."""

from functools import cached_property
from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet

COUNTED = 10_000
"""How many rows of a list are counted, and can be paged through; who looks for more filters."""


class BoundedPaginator(Paginator[Any]):
    """Counts as far as one may page, which takes a moment however long the list is."""

    @cached_property
    def count(self) -> int:
        return cast("QuerySet[Any]", self.object_list)[:COUNTED].count()
