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

from shop.prepared import prepared

# A lane is taken, what is due in it looked for, and the fresh marked as in hand, in one statement. It sees the tables
# as they were before the lock: what has come since is seen on leaving; what has gone is gone when it is claimed; and no
# marker that a dead drain left behind is written over, for that is read as it is. Rows that were tried before are
# looked for too, but never marked: they go alone, and count for themselves.
_LOOK = """
WITH lane AS MATERIALIZED (
    SELECT CASE WHEN %(held)s::boolean THEN true ELSE pg_try_advisory_lock(%(key)s::int, %(lane)s::int) END AS is_ours
), marker AS MATERIALIZED (
    SELECT seqs FROM bus_marker WHERE queue = %(queue)s::text AND lane = %(lane)s::smallint AND seqs <> '{}'
), due AS MATERIALIZED (
    SELECT seq, attempts FROM bus_delivery
    WHERE (SELECT is_ours FROM lane) AND queue = %(queue)s::text AND lane = %(lane)s::smallint AND due_at <= shop_now()
    ORDER BY due_at, seq
    LIMIT %(limit)s::bigint
), mark AS (
    INSERT INTO bus_marker AS known (queue, lane, seqs, since)
    SELECT %(queue)s::text, %(lane)s::smallint, array_agg(seq), shop_now() FROM due
    WHERE attempts = 0 AND NOT EXISTS (SELECT FROM marker) HAVING count(*) > 0
    ON CONFLICT (queue, lane) DO UPDATE SET seqs = excluded.seqs, since = excluded.since WHERE known.seqs = '{}'
    RETURNING true
)
SELECT
    is_ours, EXISTS (SELECT FROM mark),
    ARRAY(SELECT seq FROM due WHERE attempts = 0 ORDER BY seq),
    ARRAY(SELECT seq FROM due WHERE attempts > 0 ORDER BY seq),
    (SELECT seqs FROM marker)
FROM lane
"""

# What somebody else has locked is no reason to come back at once; idle, this locks and writes nothing.
_LEFT = """
SELECT EXISTS (
    SELECT FROM bus_delivery WHERE queue = %s::text AND lane = %s::smallint AND due_at <= shop_now()
    LIMIT 1 FOR UPDATE SKIP LOCKED
)
"""


class LaneLost(RuntimeError):
    """The session that held the lane has ended, and another drain may be in it already."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is due in a lane: the fresh, marked as in hand, and those that were tried before and must go alone."""

    fresh: Sequence[int] = ()
    tried: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.fresh) + len(self.tried)


@dataclass(slots=True)
class Lane:
    """A lane that this session holds. `more` is set on leaving: work came that nobody else may have seen."""

    queue: str
    number: int
    session: Any  # psycopg's connection, which Django replaces silently after it broke in a transaction
    found: Found = Found()
    """What was due when the lane was taken; nothing if `left_behind` goes first."""
    left_behind: Sequence[int] = ()
    """What a drain that died had in its hands; one of them may have killed it."""
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

    def look(self, limit: int) -> Found:
        """What is due now."""
        is_marked, fresh, tried, _ = _look(self.queue, self.number, limit, is_held=True)[1:]
        return Found(fresh if is_marked else (), tried)

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
def held(queue: str, number: int, *, limit: int = 0) -> Iterator[Lane | None]:
    """Hold a lane, with so many deliveries at most found in it; None if another drain has it.

    Looks once more for work after letting go, so no bell is lost.
    """
    is_ours, is_marked, fresh, tried, left_behind = _look(queue, number, limit, is_held=False)
    if not is_ours:
        yield None
        return
    lane = Lane(queue, number, connection.connection, left_behind=left_behind or ())
    try:
        if fresh and not is_marked and not left_behind:
            lane.left_behind = _marked(lane)
        elif not left_behind:
            lane.found = Found(fresh, tried)
        yield lane
    finally:
        with prepared() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s::int, %s::int)", [lock_of(queue), number])
            cursor.execute(_LEFT, [queue, number])
            lane.more = cursor.fetchone()[0]


def _look(queue: str, number: int, limit: int, *, is_held: bool) -> tuple[Any, ...]:
    values: dict[str, Any] = {"queue": queue, "lane": number, "limit": limit, "held": is_held, "key": lock_of(queue)}
    try:
        with prepared() as cursor:
            cursor.execute(_LOOK, values)
            found: tuple[Any, ...] = cursor.fetchone()
    except BaseException:
        connection.close()  # the lock outlives a statement that failed, but no session
        raise
    return found


def _marked(lane: Lane) -> Sequence[int]:
    """Its drain died between our look and our lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seqs FROM bus_marker WHERE queue = %s AND lane = %s", [lane.queue, lane.number])
        row = cursor.fetchone()
    return row[0] if row else ()


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
