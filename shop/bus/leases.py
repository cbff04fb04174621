"""Leases on deliveries whose handlers are out: taken with a counted attempt, which is the fence as well."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from shop.bus.lanes import Lane

SECONDS = 60.0  # longer than any call and its task may live

Lease = tuple[int, int]
"""The delivery's number, and that of the attempt it was leased for."""

# The marker names all that is in flight: whoever finds it on entering the lane need not wait for the leases to end.
_TAKE = """
WITH leased AS (
    UPDATE bus_delivery SET attempts = attempts + 1, due_at = shop_now() + make_interval(secs => %(seconds)s)
    WHERE seq IN (
        SELECT seq FROM bus_delivery WHERE queue = %(queue)s AND lane = %(lane)s AND due_at <= shop_now()
        ORDER BY due_at, seq LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    RETURNING seq, attempts
), mark AS (
    INSERT INTO bus_marker (queue, lane, seqs, since)
    SELECT %(queue)s, %(lane)s, %(flying)s::bigint[] || array_agg(seq), shop_now() FROM leased HAVING count(*) > 0
    ON CONFLICT (queue, lane) DO UPDATE SET seqs = excluded.seqs, since = excluded.since
)
SELECT seq, attempts FROM leased ORDER BY seq
"""

_HOLD = """
SELECT seq FROM bus_delivery
JOIN unnest(%s::bigint[], %s::smallint[]) AS lease (seq, attempts) USING (seq, attempts)
ORDER BY seq FOR UPDATE OF bus_delivery
"""


def take(lane: Lane, flying: Sequence[int], limit: int) -> list[Lease]:
    """Lease what is due; nobody else will take it up before the lease ends, unless this drain dies."""
    values: dict[str, Any] = {"seconds": SECONDS, "queue": lane.queue, "lane": lane.number, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values | {"flying": list(flying)})
        return [(seq, attempt) for seq, attempt in cursor.fetchall()]


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


def hold(leases: Sequence[Lease]) -> set[int]:
    """Lock the deliveries whose lease is still this one, until the transaction ends; the others were taken over."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [[seq for seq, _ in leases], [attempt for _, attempt in leases]])
        return {seq for (seq,) in cursor.fetchall()}
