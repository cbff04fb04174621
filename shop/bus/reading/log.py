"""The log, newest first, for people who look for something in it.

By key, id and time the log is found through its indexes. For all else a bounded part of it is looked through, and a
page says how far back it got: an index for each question would cost every event that is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from shop.bus.models import Event
from shop.bus.partitions import first_id

LOOKED_AT = 20_000
"""How many events are looked at for one page."""

_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)
_STORY = timedelta(hours=1)  # how long what a request began may go on, where it is looked for by the request
_CLOCKS = timedelta(minutes=30)  # by how much the clock of who named the request may be off
_AFTERWARDS = 2_000  # events that are looked at for effects under another key


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What an event must be like; what is empty does not matter. `key` is an order's id, or the SKU for stock."""

    type: str = ""
    key: str = ""
    subject: str = ""
    correlation: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Some events, newest first. `older` is where to look on, None at the end, and `back_to` how far this page got."""

    events: Sequence[Event]
    older: UUID | None
    back_to: datetime | None


_LOOK = """
WITH seen AS MATERIALIZED (
    SELECT id, type, subject, correlation_id FROM bus_event
    WHERE id < %(before)s AND id >= %(since)s AND id < %(until)s AND (%(key)s = '' OR partition_key = %(key)s)
    ORDER BY id DESC LIMIT %(window)s
), found AS (
    SELECT id FROM seen
    WHERE (%(type)s = '' OR type = %(type)s) AND (%(subject)s = '' OR subject = %(subject)s)
        AND (%(correlation)s = '' OR correlation_id = %(correlation)s)
    ORDER BY id DESC LIMIT %(limit)s
)
SELECT (SELECT count(*) FROM seen), (SELECT id FROM seen ORDER BY id LIMIT 1), ARRAY(SELECT id FROM found)
"""


def look(sought: Sought, *, before: UUID | None = None, limit: int = 50) -> Found:
    """One page of what is sought, older than the event `before`."""
    since, until = _bounds(sought)
    values: dict[str, Any] = {
        "before": before or _LAST,
        "since": since,
        "until": until,
        "window": LOOKED_AT,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        named = {name: getattr(sought, name) for name in ("type", "key", "subject", "correlation")}
        cursor.execute(_LOOK, values | named)
        seen, oldest, ids = cursor.fetchone()
    in_log = Event.objects.in_bulk(ids)
    events = [in_log[each] for each in sorted(ids, reverse=True)]
    older = events[-1].id if len(events) == limit else oldest if seen == LOOKED_AT else None
    return Found(events, older, time_of(older or oldest) if oldest else None)


def effects(event: Event) -> list[Event]:
    """What this event caused: all of it under its own key, and of the rest what was told soon after."""
    cause = str(event.id)
    same = Event.objects.filter(partition_key=event.partition_key, id__gt=event.id, causation_id=cause)
    soon = Event.objects.filter(id__gt=event.id).order_by("id").values("id")[:_AFTERWARDS]
    others = Event.objects.filter(id__in=soon, causation_id=cause)
    found = {each.id: each for each in (*same, *others)}
    return [found[each] for each in sorted(found)]


def time_of(event_id: UUID) -> datetime:
    """When an id was made: its 48 leading bits are the milliseconds since 1970 (RFC 9562)."""
    return datetime.fromtimestamp((event_id.int >> 80) / 1000, UTC)


def _bounds(sought: Sought) -> tuple[UUID, UUID]:
    """The ids between which to look. A request's id is of the same kind, made by the clock of a web process."""
    since, until = _id(sought.since, _FIRST), _id(sought.until, _LAST)
    try:
        request = UUID(sought.correlation)
    except ValueError:
        return since, until
    if request.version != 7:  # noqa: PLR2004 - RFC 9562
        return since, until
    began = time_of(request)
    return max(since, first_id(began - _CLOCKS)), min(until, first_id(began + _STORY + _CLOCKS))


def _id(moment: datetime | None, otherwise: UUID) -> UUID:
    return first_id(max(moment, datetime.fromtimestamp(0, UTC))) if moment else otherwise
