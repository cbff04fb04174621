"""The log and the receipts are cut into weeks, by the time inside the event's id; a week can be dropped at once.

There is no default partition: it would have to be read through whenever a week is added. The database's clock says
which week it is, as it says in the ids of events.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

TABLES = ("bus_event", "bus_receipt")
_AHEAD = 8  # weeks
_LOCK = 7_262_001  # one process at a time makes partitions
_NAME = re.compile(r"(bus_event|bus_receipt)_(\d{4}_w\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week of the log, from Monday to Monday in UTC."""

    start: datetime

    @classmethod
    def of(cls, moment: datetime) -> "Week":
        day = moment.astimezone(UTC).date()
        return cls(datetime.combine(day - timedelta(days=day.weekday()), datetime.min.time(), UTC))

    @classmethod
    def called(cls, name: str) -> "Week | None":
        """The week of a partition, if it is called as one."""
        found = _NAME.fullmatch(name)
        return cls(datetime.strptime(f"{found[2]} 1", "%G_w%V %u").replace(tzinfo=UTC)) if found else None

    def __add__(self, weeks: int) -> "Week":
        return Week(self.start + timedelta(weeks=weeks))

    def __str__(self) -> str:
        return f"{self.start:%G_w%V}"

    @property
    def ids(self) -> tuple[UUID, UUID]:
        """The first id of it, and the first of the week after."""
        return first_id(self.start), first_id((self + 1).start)


def keep_ahead(**_signal: object) -> None:
    """Make the partitions of last week, this week and eight more, as far as they are missing.

    A new table is attached, which does not wait for readers and writers of the log.
    """
    now, there = _look()
    weeks = [Week.of(now) + number for number in range(-1, _AHEAD + 1)]
    wanted = {f"{table}_{week}": (table, week) for table in TABLES for week in weeks}
    if wanted.keys() - there:
        _make(wanted)


def room_until() -> datetime:
    """The end of the last week that the log has a partition for, without a gap from now on."""
    now, there = _look()
    week = Week.of(now)
    while f"bus_event_{week}" in there:
        week += 1
    return week.start


def first_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment: its 48 leading bits are the milliseconds since 1970 (RFC 9562)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _look() -> tuple[datetime, set[str]]:
    """What time it is for the database, and which tables there are that are called as partitions."""
    question = "SELECT now(), array(SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relname ~ %s)"
    with connection.cursor() as cursor:
        cursor.execute(question, [f"^{_NAME.pattern}$".replace(r"\d", "[0-9]")])
        now, names = cursor.fetchone()
    return now, set(names)


def _make(partitions: dict[str, tuple[str, Week]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        _, there = _look()  # another process may have made them since we looked
        for name in sorted(partitions.keys() - there):
            table, week = partitions[name]
            start, end = week.ids
            cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
            cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')")
