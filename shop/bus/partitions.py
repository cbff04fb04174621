"""The log and the receipts are cut into weeks, by the time inside the event's id; a week can be dropped at once.

There is no default partition: it would have to be read through whenever a week is added.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

_TABLES = ("bus_event", "bus_receipt")
_AHEAD = 8  # weeks
_LOCK = 7_262_001  # one process at a time makes partitions


def keep_ahead(**_signal: object) -> None:
    """Make the partitions of last week, this week and eight more, as far as they are missing.

    A new table is attached, which does not wait for readers and writers of the log.
    """
    today = datetime.now(UTC).date()
    monday = datetime.combine(today - timedelta(days=today.weekday()), datetime.min.time(), UTC)
    weeks = [monday + timedelta(weeks=number) for number in range(-1, _AHEAD + 1)]
    wanted = {f"{table}_{week:%G_w%V}": (table, week) for table in _TABLES for week in weeks}
    if _missing(wanted):
        _make(wanted)


def room_until() -> datetime:
    """The end of the last week that the log has a partition for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'bus_event'::regclass")
        (name,) = cursor.fetchone()
    return datetime.strptime(f"{name} 1", "bus_event_%G_w%V %u").replace(tzinfo=UTC) + timedelta(weeks=1)


def first_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment: its 48 leading bits are the milliseconds since 1970 (RFC 9562)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _missing(names: Iterable[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s)", [list(names)])
        return sorted(set(names) - {name for (name,) in cursor.fetchall()})


def _make(partitions: dict[str, tuple[str, datetime]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        for name in _missing(partitions):  # another process may have made them since we looked
            table, week = partitions[name]
            start, end = first_id(week), first_id(week + timedelta(weeks=1))
            cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
            cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')")
