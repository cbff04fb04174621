"""The feed: the whole log, page by page, in an order that lets nobody miss anything while others write.

Neither ids nor numbers of a sequence are given out in the order of commits: a reader who went by them would pass over
what commits late. So each event carries `settled_after`: once that transaction and all before it have ended, whatever
sorts up to here can be seen, and nothing will come in between any more. The feed reads no further than that.

- An event that was committed before another was written stands before it: causes stand before effects, and the events
  of a subject in the order of their `sequence`.
- A transaction that writes for long holds back everything that commits meanwhile, even one in another database of the
  same server. The time limits of web and workers bound this; a migration or an open session with writes may not.
- A place belongs to one log. In a database that was restored from a dump transactions are counted anew: places found
  in the old one are lost, and `manage.py migrate` settles the restored events again.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from shop.bus.models import Event

_WINDOW = 2_000  # events looked at for one page, where only some are wanted


class PlaceLost(LookupError):
    """The log does not go on from here: it was restored, or what stood here is kept no longer."""


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which event a reader goes on, and in which log."""

    log: str
    settled_after: int
    position: int
    event_id: UUID


@dataclass(frozen=True, slots=True)
class Page:
    """Some events, and where to go on. Is that where one came from, there is nothing more yet."""

    events: list[Event]
    place: Place | None


_PLACE = """
SELECT
    system_identifier::text,
    EXISTS (SELECT FROM bus_event WHERE id = %s AND settled_after = %s AND position = %s)
FROM pg_control_system()
"""

_LOOK = """
SELECT
    settled_after, position, id,
    (%(types)s::text[] IS NULL OR type = ANY(%(types)s))
    AND (%(subject)s::text IS NULL OR subject = %(subject)s) AS wanted
FROM bus_event
WHERE (settled_after, position) > (%(settled_after)s, %(position)s)
    AND settled_after < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
ORDER BY settled_after, position
LIMIT %(window)s
"""

_ADOPT = """
UPDATE bus_event SET settled_after = pg_current_xact_id()::text::bigint
WHERE settled_after >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""


def read_on(
    after: Place | None, *, limit: int, types: Collection[str] | None = None, subject: str | None = None
) -> Page:
    """The next events behind a place, from the beginning of the log without one; all, or some types or one subject.

    Where only some are wanted a page may be short, or empty, and the log go on all the same. Raises `PlaceLost`.
    """
    log = _log(after)
    window = limit if types is None and subject is None else _WINDOW
    place, wanted = after, list[UUID]()
    for settled_after, position, event_id, is_wanted in _look(after, types, subject, window):
        place = Place(log, settled_after, position, event_id)
        if is_wanted:
            wanted.append(event_id)
        if len(wanted) == limit:
            break
    found = Event.objects.in_bulk(wanted)
    return Page([found[event_id] for event_id in wanted], place)


def adopt(plan: Iterable[tuple[object, bool]] = (), **_signal: object) -> None:
    """Settle anew the events of a restored log, whose transactions have numbers that are still to come here.

    `plan` is what was migrated just now: on the way back the log may have lost its order.
    """
    if any(backwards for _, backwards in plan):
        return
    with connection.cursor() as cursor:
        cursor.execute(_ADOPT)


def _log(after: Place | None) -> str:
    """Which log this is; makes sure that it goes on from the place."""
    where = (after.event_id, after.settled_after, after.position) if after else (None, None, None)
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, where)
        log, is_there = cursor.fetchone()
    if after and not (is_there and after.log == log):
        raise PlaceLost(PlaceLost.__doc__)
    return str(log)


def _look(
    after: Place | None, types: Collection[str] | None, subject: str | None, window: int
) -> list[tuple[Any, ...]]:
    values: dict[str, Any] = {
        "settled_after": after.settled_after if after else -1,
        "position": after.position if after else -1,
        "types": None if types is None else list(types),
        "subject": subject,
        "window": window,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
