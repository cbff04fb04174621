"""The log and the receipts are cut into weeks, by the time inside the event's id; a week can be dropped at once.

There is no default partition: it would have to be read through whenever a week is added. The database's clock says
which week it is, as it says in the ids of events.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

_TABLES = ("bus_event", "bus_receipt")
_AHEAD = 8  # weeks
_LOCK = 7_262_001  # one process at a time makes partitions
_NAME = re.compile(rf"({'|'.join(_TABLES)})_([0-9]{{4}})_w([0-9]{{2}})")


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week of the log, from Monday to Monday in UTC."""

    start: datetime

    @classmethod
    def of(cls, moment: datetime) -> "Week":
        day = moment.astimezone(UTC).date()
        return cls(datetime.combine(day - timedelta(days=day.weekday()), datetime.min.time(), UTC))

    def __add__(self, weeks: int) -> "Week":
        return Week(self.start + timedelta(weeks=weeks))

    def __str__(self) -> str:
        return f"{self.start:%G_w%V}"

    @property
    def first_id(self) -> UUID:
        return first_id(self.start)


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """A week of one of the tables, as a table of its own."""

    week: Week
    table: str

    @classmethod
    def called(cls, name: str) -> "Partition | None":
        """What this table is, if its name is that of a partition."""
        found = _NAME.fullmatch(name)
        if not found:
            return None
        try:
            start = datetime.fromisocalendar(int(found[2]), int(found[3]), 1)
        except ValueError:  # that year has no such week
            return None
        return cls(Week(start.replace(tzinfo=UTC)), found[1])

    def __str__(self) -> str:
        return f"{self.table}_{self.week}"


def keep_ahead(**_signal: object) -> None:
    """Make the partitions of last week, this week and eight more, as far as they are missing.

    A new table is attached, which does not wait for readers and writers of the log.
    """
    now, there = look()
    weeks = [Week.of(now) + number for number in range(-1, _AHEAD + 1)]
    wanted = {Partition(week, table) for table in _TABLES for week in weeks}
    if wanted - there:
        _make(wanted)


def room_until() -> datetime:
    """The end of the last week that the log has a partition for, without a gap from now on."""
    now, there = look()
    week = Week.of(now)
    while Partition(week, "bus_event") in there:
        week += 1
    return week.start


def look() -> tuple[datetime, set[Partition]]:
    """What time it is for the database, and all partitions; those that were detached and not dropped, too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT now(), array(SELECT relname::text FROM pg_class WHERE relname ~ %s)", [f"^{_NAME.pattern}$"]
        )
        now, names = cursor.fetchone()
    return now, {partition for name in names if (partition := Partition.called(name))}


def first_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment: its 48 leading bits are the milliseconds since 1970 (RFC 9562)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _make(wanted: set[Partition]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        _, there = look()  # another process may have made them since we looked
        for new in sorted(wanted - there):
            start, end = new.week.first_id, (new.week + 1).first_id
            cursor.execute(f"CREATE TABLE {new} (LIKE {new.table} INCLUDING ALL)")
            cursor.execute(f"ALTER TABLE {new.table} ATTACH PARTITION {new} FOR VALUES FROM ('{start}') TO ('{end}')")
