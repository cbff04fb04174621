"""Leases on deliveries whose handlers are out: taken with a counted attempt, which is the fence as well."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from shop.bus.handlers import attempts_of
from shop.bus.lanes import Lane
from shop.prepared import prepared

SECONDS = 60.0  # longer than any call and its task may live
_DEATHS = 2  # of drains with the same calls in the air, until each flies alone


class Lease(NamedTuple):
    """The delivery's number, that of the attempt it was leased for, and who is to hear of it."""

    seq: int
    attempt: int
    handler: str


# The marker names all that is in flight: whoever finds it on entering the lane need not wait for the leases to end.
# An array is made once. `IN (SELECT ... LIMIT)` is asked again for each row, if PostgreSQL chooses nested loops, and
# then it finds others each time: all that is due would be leased.
_TAKE = """
WITH leased AS (
    UPDATE bus_delivery SET attempts = attempts + 1, due_at = shop_now() + make_interval(secs => %(seconds)s)
    WHERE seq = ANY(ARRAY(
        SELECT seq FROM bus_delivery WHERE queue = %(queue)s AND lane = %(lane)s AND due_at <= shop_now()
            AND (%(only)s::bigint IS NULL OR seq = %(only)s)
        ORDER BY due_at, seq LIMIT %(limit)s::bigint FOR UPDATE SKIP LOCKED
    ))
    RETURNING seq, attempts, handler
), mark AS (
    INSERT INTO bus_marker (queue, lane, seqs, since)
    SELECT %(queue)s::text, %(lane)s::smallint, %(beside)s::bigint[] || array_agg(seq), shop_now() FROM leased
    HAVING count(*) > 0
    ON CONFLICT (queue, lane) DO UPDATE SET seqs = excluded.seqs, since = excluded.since
)
SELECT seq, attempts, handler FROM leased ORDER BY seq
"""

_HOLD = """
SELECT seq, attempts, handler FROM bus_delivery
JOIN unnest(%s::bigint[], %s::smallint[]) AS lease (seq, attempts) USING (seq, attempts)
ORDER BY seq FOR UPDATE OF bus_delivery
"""

_GIVE_BACK = """
UPDATE bus_delivery SET attempts = bus_delivery.attempts - 1, due_at = shop_now()
FROM unnest(%s::bigint[], %s::smallint[]) AS lease (seq, attempts)
WHERE bus_delivery.seq = lease.seq AND bus_delivery.attempts = lease.attempts
"""

_TAKE_OVER = """
UPDATE bus_delivery SET due_at = least(due_at, shop_now()) WHERE seq = ANY(%s::bigint[]) AND attempts > 0
RETURNING seq, attempts, handler
"""


def take(lane: Lane, limit: int, *, beside: Sequence[int] = (), only: int | None = None) -> list[Lease]:
    """Lease what is due, or `only` this; nobody else will take it up before the lease ends, unless this drain dies.

    `beside` is what is in hand already, or will be, if this drain lives.
    """
    values: dict[str, Any] = {"seconds": SECONDS, "queue": lane.queue, "lane": lane.number, "limit": limit}
    with prepared() as cursor:
        cursor.execute(_TAKE, values | {"beside": list(beside), "only": only})
        return [Lease(*row) for row in cursor.fetchall()]


def take_over(lane: Lane) -> list[int]:
    """The lane was free and yet had calls in flight: their drain has died, or lost its way back to the database.

    They are due at once. Returns those that must fly alone from now on, because a drain died of one of them twice, or
    may not die of them once more. One death is no reason to: most were of somebody who was killed, and all at once is
    quicker.
    """
    if not lane.left_behind:
        return []
    with prepared() as cursor:
        cursor.execute(_TAKE_OVER, [list(lane.left_behind)])
        return sorted(
            seq for seq, attempts, handler in cursor.fetchall() if attempts >= min(_DEATHS, attempts_of(handler) - 1)
        )


def give_back(leases: Sequence[Lease]) -> None:
    """Nothing was tried under these, and nothing is counted; they are due."""
    if leases:
        with prepared() as cursor:
            cursor.execute(_GIVE_BACK, _columns(leases))


def hold(leases: Sequence[Lease]) -> set[Lease]:
    """Lock the deliveries whose lease is still this one, until the transaction ends; the others were taken over."""
    with prepared() as cursor:
        cursor.execute(_HOLD, _columns(leases))
        return {Lease(*row) for row in cursor.fetchall()}


def _columns(leases: Sequence[Lease]) -> list[list[int]]:
    return [[lease.seq for lease in leases], [lease.attempt for lease in leases]]
