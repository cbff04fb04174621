"""Leases on deliveries whose handlers are out: taken with a counted attempt, which is the fence as well."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from shop.bus.lanes import Lane

SECONDS = 60.0  # longer than any call and its task may live


class Lease(NamedTuple):
    """The delivery's number, that of the attempt it was leased for, and who is to hear of it."""

    seq: int
    attempt: int
    handler: str


# The marker names all that is in flight: whoever finds it on entering the lane need not wait for the leases to end.
_TAKE = """
WITH leased AS (
    UPDATE bus_delivery SET attempts = attempts + 1, due_at = shop_now() + make_interval(secs => %(seconds)s)
    WHERE seq IN (
        SELECT seq FROM bus_delivery WHERE queue = %(queue)s AND lane = %(lane)s AND due_at <= shop_now()
        ORDER BY due_at, seq LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    RETURNING seq, attempts, handler
), mark AS (
    INSERT INTO bus_marker (queue, lane, seqs, since)
    SELECT %(queue)s, %(lane)s, %(flying)s::bigint[] || array_agg(seq), shop_now() FROM leased HAVING count(*) > 0
    ON CONFLICT (queue, lane) DO UPDATE SET seqs = excluded.seqs, since = excluded.since
)
SELECT seq, attempts, handler FROM leased ORDER BY seq
"""

_HOLD = """
SELECT seq, attempts, handler FROM bus_delivery
JOIN unnest(%s::bigint[], %s::smallint[]) AS lease (seq, attempts) USING (seq, attempts)
ORDER BY seq FOR UPDATE OF bus_delivery
"""


def take(lane: Lane, flying: Sequence[int], limit: int) -> list[Lease]:
    """Lease what is due; nobody else will take it up before the lease ends, unless this drain dies."""
    values: dict[str, Any] = {"seconds": SECONDS, "queue": lane.queue, "lane": lane.number, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values | {"flying": list(flying)})
        return [Lease(*row) for row in cursor.fetchall()]


def take_over(lane: Lane) -> None:
    """The lane was free and yet had calls in flight: their drain has died, or lost its way back to the database."""
    left_behind = lane.left_behind()
    if left_behind:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE bus_delivery SET due_at = shop_now()"
                " WHERE seq = ANY(%s) AND attempts > 0 AND due_at > shop_now()",
                [list(left_behind)],
            )


def hold(leases: Sequence[Lease]) -> set[Lease]:
    """Lock the deliveries whose lease is still this one, until the transaction ends; the others were taken over."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [[lease.seq for lease in leases], [lease.attempt for lease in leases]])
        return {Lease(*row) for row in cursor.fetchall()}
