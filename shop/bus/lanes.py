"""Lanes: one drain at a time in each, and a marker that tells when a drain died with work in its hands.

Two drains in one lane would lock each other's rows in opposite orders. The lock belongs to the database session:
whoever dies lets go of it. That effects are single does not rest on it either: a drain whose session has ended
beside its back finds rows locked or gone, and attempts whose number is another's.
"""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

# Rows that were tried before are looked for too, but never marked: they go alone, and count for themselves.
_LOOK = """
WITH due AS (
    SELECT seq, handler, attempts FROM bus_delivery
    WHERE queue = %(queue)s AND lane = %(lane)s AND due_at <= shop_now()
    ORDER BY due_at, seq
    LIMIT %(limit)s
), mark AS (
    INSERT INTO bus_marker (queue, lane, seqs, since)
    SELECT %(queue)s, %(lane)s, array_agg(seq), shop_now() FROM due WHERE attempts = 0 HAVING count(*) > 0
    ON CONFLICT (queue, lane) DO UPDATE SET seqs = excluded.seqs, since = excluded.since
)
SELECT seq, attempts FROM due ORDER BY seq
"""

# What somebody else has locked is no reason to come back at once; idle, this locks and writes nothing.
_LEAVE = """
SELECT pg_advisory_unlock(%(key)s, %(lane)s);
SELECT EXISTS (
    SELECT FROM bus_delivery WHERE queue = %(queue)s AND lane = %(lane)s AND due_at <= shop_now()
    LIMIT 1 FOR UPDATE SKIP LOCKED
)
"""


class LaneLost(RuntimeError):
    """The session that held the lane has ended, and another drain may be in it already."""


@dataclass(slots=True)
class Lane:
    """A lane that this session holds. `more` is set on leaving: work came that nobody else may have seen."""

    queue: str
    number: int
    session: Any  # psycopg's connection, which Django replaces silently after it broke in a transaction
    more: bool = False

    @property
    def lost(self) -> bool:
        """The session has ended, whatever the failure says that was its end: nothing more may be done here."""
        return bool(self.session.closed or self.session is not connection.connection)

    def insist(self, error: BaseException) -> None:
        """Go on after a failure only if the lane is still ours. Raises `LaneLost`."""
        if self.lost:
            raise LaneLost(LaneLost.__doc__) from error

    def beside(self) -> "Lane":
        """The same lane as whoever does not hold it sees it, from the session that is open now."""
        return replace(self, session=connection.connection)

    def look(self, limit: int) -> tuple[list[int], list[int]]:
        """What is due: the fresh, marked as in hand, and those that were tried before and must go alone."""
        with connection.cursor() as cursor:
            cursor.execute(_LOOK, {"queue": self.queue, "lane": self.number, "limit": limit})
            due = cursor.fetchall()
        return [seq for seq, attempts in due if not attempts], [seq for seq, attempts in due if attempts]

    def left_behind(self) -> Sequence[int]:
        """What a drain that died had in its hands; one of them may have killed it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT seqs FROM bus_marker WHERE queue = %s AND lane = %s", [self.queue, self.number])
            row = cursor.fetchone()
        return row[0] if row else ()

    def unmark(self) -> None:
        """Nothing is in hand; inside a batch's transaction this is true when, and only if, the batch is."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE bus_marker SET seqs = '{}' WHERE queue = %s AND lane = %s AND seqs <> '{}'",
                [self.queue, self.number],
            )

    def account_for(self, *seqs: int) -> None:
        """These are in hand no more, whatever becomes of the others."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE bus_marker SET seqs = ARRAY(SELECT unnest(seqs) EXCEPT SELECT unnest(%s::bigint[]))"
                " WHERE queue = %s AND lane = %s",
                [list(seqs), self.queue, self.number],
            )


@contextmanager
def held(queue: str, number: int) -> Iterator[Lane | None]:
    """Hold a lane; None if another drain has it. Looks once more for work after letting go, so no bell is lost."""
    key = lock_of(queue)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [key, number])
        taken = cursor.fetchone()[0]
    if not taken:
        yield None
        return
    lane = Lane(queue, number, connection.connection)
    try:
        yield lane
    finally:
        with connection.cursor() as cursor:
            cursor.execute(_LEAVE, {"key": key, "lane": number, "queue": queue})
            cursor.nextset()
            lane.more = cursor.fetchone()[0]


def is_held(queue: str, number: int) -> bool:
    """Whether some session has this lane now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND granted"
            " AND (classid, objid, objsubid) = (%s, %s, 2))",
            [lock_of(queue) % 2**32, number],  # as pg_locks shows them
        )
        return bool(cursor.fetchone()[0])


def lock_of(queue: str) -> int:
    """The first key of the advisory locks of a queue's lanes; the second is the lane's number."""
    return zlib.crc32(f"bus:{queue}".encode()) - 2**31
