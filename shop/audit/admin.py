"""The audit in the admin: to find and to read."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from shop.admin.filters import DaysFilter, WordFilter
from shop.admin.pages import BoundedPaginator
from shop.admin.records import ReadOnlyAdmin
from shop.audit.models import Entry
from shop.users.models import User

_FORGOTTEN, _NONE = "erased", "-"


class ByWhom(WordFilter):
    """Whoever has this address."""

    title = "e-mail of who did it"
    parameter_name = "by"

    def find(self, queryset: QuerySet[Entry], word: str) -> QuerySet[Entry]:
        people = User.objects.filter(email=word.lower()).values_list("pk", flat=True)
        return queryset.filter(by__in=list(people))  # asked for first: so the index of theirs is used


class ByAction(WordFilter):
    """Actions whose names begin so."""

    title = "action"
    parameter_name = "action"
    lookup = "action__startswith"


class BySubject(WordFilter):
    """All that was done to one thing."""

    title = "subject"
    parameter_name = "subject"
    lookup = "subject"


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("when", "who", "action", "subject", "changes", "reason")
    list_select_related = ("by",)
    list_filter = (ByWhom, ByAction, BySubject, ("at", DaysFilter))
    list_filter_submit = True
    list_per_page = 50
    paginator = BoundedPaginator
    ordering = ("-id",)
    sortable_by = ()
    fields = ("when", "who", "action", "subject", "reason", "changes", "request")
    readonly_fields = ("when", "who", "changes")

    @admin.display(description="when (UTC)")
    def when(self, entry: Entry) -> str:
        return f"{entry.at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="by")
    def who(self, entry: Entry) -> str:
        return str(entry.by) if entry.by else entry.command

    @admin.display(description="before → after")
    def changes(self, entry: Entry) -> SafeString | str:
        """Each value that differs, as it was and as it is."""
        if entry.before is None or entry.after is None:
            return _FORGOTTEN
        names = sorted(name for name in entry.before | entry.after if _differ(name, entry))
        lines = ((name, _shown(entry.before, name), _shown(entry.after, name)) for name in names)
        return format_html_join("", "<div><b>{}</b>: {} → {}</div>", lines) or _NONE


def _differ(name: str, entry: Entry) -> bool:
    return bool((entry.before or {}).get(name, ...) != (entry.after or {}).get(name, ...))


def _shown(values: dict[str, Any], name: str) -> str:
    value = values.get(name, _NONE)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
