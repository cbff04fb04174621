"""Lists that grow for ever: found by index, paged within bounds, and never counted whole."""

from typing import Any

from django.contrib.admin import ShowFacets
from django.http import HttpRequest
from unfold.admin import TabularInline

from shop.admin.pages import BoundedPaginator
from shop.admin.records import ReadOnlyAdmin


class LongListAdmin(ReadOnlyAdmin):
    """Rows of a table that may have millions, in the one order that an index has."""

    paginator = BoundedPaginator
    list_per_page = 50
    list_filter_submit = True
    show_facets = ShowFacets.NEVER
    sortable_by = ()


class ReadOnlyInline(TabularInline):
    """Rows that belong to the row of a page, to be read."""

    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who sees the page sees what belongs to it."""
        return True
