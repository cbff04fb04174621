"""Replay: deliver what the log has to handlers that have not done it, or, where they allow it, once more.

A receipt says what was done, so a replay fills what is missing and nothing happens twice. What waits already, or is a
dead letter, is left to where it is. It goes through the log in rounds of a bounded number of events, each a statement
and a transaction; a round says where the next begins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from operator import add
from typing import Any, Protocol
from uuid import UUID

from django.db import connection, transaction

from shop.bus import bells, horizon
from shop.bus.handlers import handlers, lanes_of
from shop.bus.partitions import first_id
from shop.bus.wanted import Wanted

ROUND = 10_000
"""How many events one round looks at."""

_LOCK = 7_262_002  # one replay at a time


@dataclass(frozen=True, slots=True)
class Share:
    """What a replay means for one handler that it concerns: deliveries that it makes, and what it leaves alone.

    `kept` is what is done and was wanted again, from a handler that does not allow it.
    """

    handler: str
    delivered: int
    done: int = 0
    waiting: int = 0
    dead: int = 0
    kept: int = 0

    def __add__(self, more: "Share") -> "Share":
        """The same for two rounds."""
        return Share(self.handler, *map(add, astuple(self)[1:], astuple(more)[1:]))


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did, or would do. `go_on` is where the next begins, None at the end of what was wanted."""

    events: int
    shares: Sequence[Share] = field(default=())
    go_on: UUID | None = None

    @property
    def delivered(self) -> int:
        return sum(share.delivered for share in self.shares)


def preview(wanted: Wanted, *, after: UUID | None = None, limit: int | None = None) -> Round:
    """What `deliver` would do now, without doing it."""
    return _round(_FOUND + _TOLD, wanted, horizon.seen(), after, limit or ROUND)


@transaction.atomic(savepoint=False)
def deliver(wanted: Wanted, *, after: UUID | None = None, limit: int | None = None) -> Round:
    """Make the deliveries of one round; workers are told when this is committed.

    Two at once come one after the other, so that the second sees what the first has made.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    made = _round(_FOUND + _MADE + _TOLD, wanted, horizon.held(), after, limit or ROUND)
    busy = {handlers[share.handler].queue for share in made.shares if share.delivered}
    transaction.on_commit(lambda: bells.ring(busy), robust=True)
    return made


def deliver_again(event: UUID, handler: str) -> bool:
    """Have a repeatable handler hear one event once more; False if it is about to hear it anyway, or in no log."""
    return bool(deliver(Wanted(event=event, handlers=[handler], again=True)).delivered)


class Step(Protocol):
    """`preview` or `deliver`, or what does more around one of them."""

    def __call__(self, wanted: Wanted, *, after: UUID | None) -> Round: ...


def rounds(wanted: Wanted, step: Step) -> Iterator[Round]:
    """All rounds to the end, one after the other."""
    after = None
    while True:
        made = step(wanted, after=after)
        yield made
        after = made.go_on
        if after is None:
            return


# Those that wait are read through once: deliveries are not found by their event, and a plan that looked each up would
# read the table as often as there are events. PostgreSQL's crc32 is zlib's, which numbers the lanes.
_FOUND = """
WITH seen AS MATERIALIZED (
    SELECT id, type, partition_key, time FROM bus_event
    WHERE id > %(after)s AND id >= %(since)s AND id < %(until)s
        AND (%(event)s::uuid IS NULL OR id = %(event)s) AND (%(key)s = '' OR partition_key = %(key)s)
    ORDER BY id LIMIT %(limit)s
), hearing AS (
    SELECT * FROM unnest(
        %(handler)s::text[], %(type)s::text[], %(queue)s::text[], %(lanes)s::int[], %(later)s::interval[],
        %(repeats)s::bool[]
    ) AS hearing (handler, type, queue, lanes, later, repeats)
), pair AS MATERIALIZED (
    SELECT
        seen.id, hearing.handler, repeats, queue, crc32(convert_to(partition_key, 'UTF8')) %% lanes AS lane,
        time + later AS due,
        receipt.handler IS NOT NULL AS done, delivery.handler IS NOT NULL AS waiting,
        EXISTS (
            SELECT FROM bus_deadletter AS letter WHERE letter.event_id = seen.id AND letter.handler = hearing.handler
        ) AS dead
    FROM seen JOIN hearing USING (type)
    LEFT JOIN bus_receipt AS receipt ON receipt.event_id = seen.id AND receipt.handler = hearing.handler
    LEFT JOIN (
        SELECT DISTINCT event_id, handler FROM bus_delivery
        WHERE handler = ANY(%(handler)s) AND event_id BETWEEN (SELECT id FROM seen ORDER BY id LIMIT 1)
            AND (SELECT id FROM seen ORDER BY id DESC LIMIT 1)
    ) AS delivery
        ON delivery.event_id = seen.id AND delivery.handler = hearing.handler
), wanted AS MATERIALIZED (
    SELECT * FROM pair WHERE NOT waiting AND NOT dead AND (repeats OR NOT done)
)
"""

_MADE = """
, undone AS (
    DELETE FROM bus_receipt USING wanted
    WHERE done AND event_id = wanted.id AND bus_receipt.handler = wanted.handler
), made AS (
    INSERT INTO bus_delivery (event_id, handler, queue, lane, due_at)
    SELECT id, handler, queue, lane, greatest(due, shop_now()) FROM wanted ORDER BY id, handler
)
"""

_TOLD = """
SELECT
    (SELECT count(*) FROM seen), (SELECT id FROM seen ORDER BY id DESC LIMIT 1), handler,
    count(*) FILTER (WHERE NOT waiting AND NOT dead AND (pair.repeats OR NOT done)),
    count(*) FILTER (WHERE done AND NOT %(again)s), count(*) FILTER (WHERE waiting), count(*) FILTER (WHERE dead),
    count(*) FILTER (WHERE done AND %(again)s AND NOT pair.repeats)
FROM hearing LEFT JOIN pair USING (handler) GROUP BY handler ORDER BY handler
"""

_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)


def _round(statement: str, wanted: Wanted, begin: UUID, after: UUID | None, limit: int) -> Round:
    hearing = wanted.hearing()
    values: dict[str, Any] = {
        "after": after or _FIRST,
        "since": max(_id_of(wanted.since, _FIRST), begin),
        "until": _id_of(wanted.until, _LAST),
        "event": wanted.event,
        "key": wanted.key,
        "limit": limit,
        "again": wanted.again,
        "handler": [each.name for each in hearing],
        "type": [each.event.name for each in hearing],
        "queue": [each.queue for each in hearing],
        "lanes": [lanes_of(each.queue) for each in hearing],
        "later": [each.after for each in hearing],
        "repeats": [wanted.again and each.repeatable for each in hearing],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    events, last = rows[0][:2]
    return Round(events, [Share(*row[2:]) for row in rows if any(row[3:])], last if events == limit else None)


def _id_of(moment: datetime | None, otherwise: UUID) -> UUID:
    return first_id(max(moment, datetime.fromtimestamp(0, UTC))) if moment else otherwise  # no id is older
