"""By what dead letters are found."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from shop.admin.filters import WordFilter
from shop.bus.handlers import handlers, queues
from shop.bus.models import DeadLetter, Event

_MOST = 1_000  # events of one key whose dead letters are looked for


class ByQueue(admin.SimpleListFilter):
    """Those of one queue that is served here."""

    title = "queue"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(queue, queue) for queue in queues()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> QuerySet[DeadLetter]:
        return queryset.filter(queue=self.value()) if self.value() else queryset


class ByHandler(WordFilter):
    title = "handler"
    parameter_name = "handler"
    lookup = "handler"


class ByType(WordFilter):
    """Those of handlers that hear events of one type."""

    title = "type of event"
    parameter_name = "type"

    def find(self, queryset: QuerySet[Any], word: str) -> QuerySet[Any]:
        return queryset.filter(handler__in=[name for name, each in handlers.items() if each.event.name == word])


class ByEvent(WordFilter):
    """Those of one event, or of all events of an order."""

    title = "event's or order's id, or SKU"
    parameter_name = "event"

    def find(self, queryset: QuerySet[Any], word: str) -> QuerySet[Any]:
        return queryset.filter(event_id__in=[*_ids(word), *_events_of(word)])


def _ids(word: str) -> Iterable[UUID]:
    try:
        return [UUID(word)]
    except ValueError:
        return []


def _events_of(key: str) -> Iterable[UUID]:
    return Event.objects.filter(partition_key=key).order_by("-id").values_list("id", flat=True)[:_MOST]
