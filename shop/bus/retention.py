"""Retention: weeks of the log and of its receipts are dropped whole, oldest first, and none with work still to do.

First the horizon moves, in a transaction in which nobody can make a delivery of an old event: past the weeks that are
old enough, up to the first of which something is to be delivered or lies among the dead letters. From then on a receipt
from before guards nothing any more, as nobody can deliver its event. Then each table is detached beside its readers and
writers, and dropped. Whoever is stopped in between, or finds a table in use for long, leaves the rest to the next run.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import OperationalError, connection, transaction

from shop.bus import horizon, partitions
from shop.bus.partitions import Partition, Week

log = logging.getLogger(__name__)

_FEWEST = 2  # weeks that stay in any case: this one and the last, which are always made anew
_LOCK = 7_262_004  # one process at a time
_PATIENCE = "2s"  # for a lock; who comes after us waits as long as we do


@dataclass(frozen=True, slots=True)
class Hold:
    """What keeps a week: deliveries that are still to be made, the last of them at `due_at`, and dead letters."""

    week: Week
    deliveries: int
    due_at: datetime | None
    letters: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Weeks that can go, oldest first, and what keeps the one after them, if that is old enough to go as well."""

    weeks: list[Week]
    hold: Hold | None


def plan(*, keep: int) -> Plan:
    """What can go where so many weeks are to be kept, two at least."""
    now, there = partitions.look()
    end = Week.of(now) + -max(keep, _FEWEST)
    old = sorted({each.week for each in there if each.week < end})
    hold = _hold(old)
    return Plan([week for week in old if hold is None or week < hold.week], hold)


def drop(*, keep: int, most: int | None = None) -> list[Partition]:
    """Drop what can go, so many tables at most; returns those that went.

    Two processes do not get in each other's way: the second does nothing. A table that somebody has in use for long
    stays until the next time.
    """
    gone: list[Partition] = []
    with _one_at_a_time() as is_ours:
        if is_ours:
            try:
                _move_horizon(keep)
                for old in _behind_horizon()[:most]:
                    _drop(old)
                    gone.append(old)
            except OperationalError as error:
                log.warning("old weeks of the log stay until the next time: %s", error)
    return gone


@contextmanager
def _one_at_a_time() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        (is_ours,) = cursor.fetchone()
        if not is_ours:
            yield False
            return
        cursor.execute(f"SET lock_timeout = '{_PATIENCE}'")
        try:
            yield True
        finally:
            cursor.execute("RESET lock_timeout")
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


@transaction.atomic(savepoint=False)
def _move_horizon(keep: int) -> None:
    horizon.alone()
    weeks = plan(keep=keep).weeks
    if weeks:
        horizon.move((weeks[-1] + 1).first_id)


def _behind_horizon() -> list[Partition]:
    """What nobody needs any more: those first whose detaching was broken off, since none can be detached before."""
    begin, (_, there) = horizon.seen(), partitions.look()
    pending = _states()
    old = [each for each in there if (each.week + 1).first_id <= begin]
    return sorted(old, key=lambda each: (not pending.get(str(each), False), each))


def _drop(old: Partition) -> None:
    """Detaching beside readers and writers takes two transactions, and may have been broken off between them."""
    states = _states()
    with connection.cursor() as cursor:
        if str(old) in states:
            how = "FINALIZE" if states[str(old)] else "CONCURRENTLY"
            cursor.execute(f"ALTER TABLE {old.table} DETACH PARTITION {old} {how}")
        cursor.execute(f"DROP TABLE {old}")


def _states() -> dict[str, bool]:
    """The partitions that are attached, and whether their detaching was broken off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, inhdetachpending FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
            " WHERE inhparent IN ('bus_event'::regclass, 'bus_receipt'::regclass)"
        )
        return dict(cursor.fetchall())


_UNDONE = """
WITH undone AS (
    SELECT event_id, due_at, false AS is_dead FROM bus_delivery WHERE event_id >= %(first)s AND event_id < %(next)s
    UNION ALL
    SELECT event_id, NULL, true FROM bus_deadletter WHERE event_id >= %(first)s AND event_id < %(next)s
)
SELECT (SELECT event_id FROM undone ORDER BY event_id LIMIT 1),
    count(*) FILTER (WHERE NOT is_dead), max(due_at), count(*) FILTER (WHERE is_dead)
FROM undone
"""


def _hold(old: list[Week]) -> Hold | None:
    """The first of these weeks, which are in order, of whose events something is still to be made."""
    if not old:
        return None
    oldest, *_ = _undone(old[0], old[-1])
    if oldest is None:
        return None
    week = max(each for each in old if each.first_id <= oldest)
    _, deliveries, due_at, letters = _undone(week, week)
    return Hold(week, deliveries, due_at, letters)


def _undone(first: Week, last: Week) -> tuple[UUID | None, int, datetime | None, int]:
    with connection.cursor() as cursor:
        cursor.execute(_UNDONE, {"first": first.first_id, "next": (last + 1).first_id})
        oldest, deliveries, due_at, letters = cursor.fetchone()
    return oldest, deliveries, due_at, letters
