"""The log and the receipts are cut into weeks, by the time inside the event's id; a week can be dropped at once.

There is no default partition: it would have to be read through whenever a week is added.
"""

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
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s)", [list(wanted)])
        present = {name for (name,) in cursor.fetchall()}
    if wanted.keys() - present:
        _make({name: wanted[name] for name in sorted(wanted.keys() - present)})


def first_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment: its 48 leading bits are the milliseconds since 1970 (RFC 9562)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _make(partitions: dict[str, tuple[str, datetime]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        for name, (table, week) in partitions.items():
            start, end = first_id(week), first_id(week + timedelta(weeks=1))
            cursor.execute(f"CREATE TABLE IF NOT EXISTS {name} (LIKE {table} INCLUDING ALL)")
            cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')")
