"""Work: what is due and since when, who has which lane, and how often each handler was run and how that ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Max, Sum
from psycopg import Cursor
from psycopg.rows import DictRow

from shop.bus import bells, horizon, partitions
from shop.bus.handlers import handlers, lanes_of, queues
from shop.bus.lanes import lock_of
from shop.bus.models import Tally
from shop.bus.outside import Unavailable

_MOST = 10_000  # counted in each lane, and of dead letters: more is more, and a look must stay cheap


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is due in a queue (at most 10,000 in each lane are counted), and for how many seconds the oldest is."""

    queue: str
    due: int
    age: float


@dataclass(frozen=True, slots=True)
class Held:
    """A lane, and the session of the drain that has it.

    Without a session (`pid` is None) nobody drains it, and what is `in_hand` was left behind by a drain that died.
    """

    queue: str
    lane: int
    in_hand: int
    seconds: float | None
    """For how long it has that in hand, or for how long its session has been at the same statement."""
    pid: int | None
    host: str


@dataclass(frozen=True, slots=True)
class Count:
    """How often a handler was run: deliveries done, attempts failed or put off, dead letters made.

    `seconds` is from the event, or from when the handler was meant to hear of it, to the end of each that was done.
    """

    handler: str
    queue: str
    handled: int
    failed: int
    put_off: int
    buried: int
    seconds: float
    at: datetime


_BACKLOGS = """
SELECT known.queue, sum(found.due), coalesce(extract(epoch FROM shop_now() - min(found.oldest)), 0)
FROM unnest(%s::text[], %s::int[]) AS known (queue, number)
CROSS JOIN LATERAL (
    SELECT count(*) AS due, min(due_at) AS oldest FROM (
        SELECT due_at FROM bus_delivery
        WHERE queue = known.queue AND lane = known.number AND due_at <= shop_now()
        ORDER BY due_at, seq LIMIT %s
    ) AS due
) AS found
GROUP BY known.queue ORDER BY known.queue
"""

_OLDEST = """
SELECT coalesce(extract(epoch FROM shop_now() - min(due_at)), 0)::float AS seconds
FROM unnest(%s::text[], %s::int[]) AS known (queue, number)
CROSS JOIN LATERAL (
    SELECT due_at FROM bus_delivery
    WHERE queue = known.queue AND lane = known.number AND due_at <= shop_now()
    ORDER BY due_at, seq LIMIT 1
) AS oldest
"""

_LANES = """
SELECT
    known.queue, known.number, coalesce(cardinality(marker.seqs), 0),
    extract(epoch FROM CASE
        WHEN cardinality(marker.seqs) > 0 THEN shop_now() - marker.since ELSE clock_timestamp() - session.query_start
    END)::float,
    session.pid, coalesce(host(session.client_addr), '')
FROM unnest(%s::text[], %s::int[], %s::bigint[]) AS known (queue, number, key)
LEFT JOIN bus_marker AS marker ON marker.queue = known.queue AND marker.lane = known.number
LEFT JOIN (
    SELECT classid::bigint AS key, objid::int AS number, activity.*
    FROM pg_locks JOIN pg_stat_activity AS activity USING (pid)
    WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND datname = current_database()
) AS session ON session.key = known.key AND session.number = known.number
ORDER BY known.queue, known.number
"""


def backlogs() -> list[Backlog]:
    """What is due in every queue that somebody here is subscribed from."""
    known = _lanes()
    rows = _ask(_BACKLOGS, [queue for queue, _ in known], [number for _, number in known], _MOST)
    return [Backlog(queue, int(due), float(age)) for queue, due, age in rows]


def oldest_due(cursor: Cursor[DictRow]) -> float:
    """For how many seconds the oldest work in any queue has been due; looks at one row in each lane."""
    known = _lanes()
    cursor.execute(_OLDEST, [[queue for queue, _ in known], [number for _, number in known]])
    row = cursor.fetchone()
    return float(row["seconds"]) if row else 0.0


def held_lanes() -> list[Held]:
    """Every lane, and who has it."""
    known = _lanes()
    keys = [lock_of(queue) % 2**32 for queue, _ in known]  # as pg_locks shows them
    return [Held(*row) for row in _ask(_LANES, [queue for queue, _ in known], [number for _, number in known], keys)]


def counts() -> list[Count]:
    """How it went so far, for every handler that was run at least once and is known here."""
    sums = {name: Sum(name) for name in ("handled", "failed", "put_off", "buried", "seconds")}
    rows = Tally.objects.filter(handler__in=handlers).values("handler").annotate(**sums, last=Max("at"))
    return [_count(row) for row in rows.order_by("handler")]


def _count(row: Mapping[str, Any]) -> Count:
    handler = handlers[row["handler"]]
    waited = handler.after.total_seconds() * row["handled"]  # as was asked for, so nobody is late by that
    return Count(
        handler=handler.name,
        queue=handler.queue,
        handled=row["handled"],
        failed=row["failed"],
        put_off=row["put_off"],
        buried=row["buried"],
        seconds=max(row["seconds"] - waited, 0.0),
        at=row["last"],
    )


def dead_letters() -> dict[str, int]:
    """How many each queue has, 10,000 at most in sum."""
    letters = _ask("SELECT queue, count(*) FROM (SELECT queue FROM bus_deadletter LIMIT %s) AS few GROUP BY 1", _MOST)
    return dict.fromkeys(queues(), 0) | dict(letters)


def held_back() -> dict[str, tuple[int, str]]:
    """How many deliveries of each queue wait for a dependency that is away, and what it was last heard to say.

    Reads all that is still to do, so it is for people, and not for whoever asks every few seconds.
    """
    question = "SELECT queue, count(*), max(error) FROM bus_delivery WHERE error LIKE %s GROUP BY queue ORDER BY queue"
    return {queue: (number, error) for queue, number, error in _ask(question, f"{Unavailable.__name__}: %")}


def unvisited() -> dict[str, float] | None:
    """For how many seconds no worker has looked after a queue; None while Redis, which knows that, is away."""
    return bells.unvisited(list(queues()))


def bells_circuit() -> tuple[bool, int]:
    """Whether this process rings nobody just now because Redis is away, and how often it had to stop ringing."""
    return bells.circuit()


def told() -> int:
    """How many events were written since the log began, give or take those that were rolled back."""
    ((number,),) = _ask("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM bus_event_position")
    return int(number)


def log_begins() -> datetime:
    """What was told before is kept no longer; long ago where all of it is."""
    first = horizon.seen()
    return datetime.fromtimestamp((first.int >> 80) / 1000, UTC)


def room_until() -> datetime:
    """Until when the log has partitions; past that nothing could be published."""
    return partitions.room_until()


def _lanes() -> list[tuple[str, int]]:
    return [(queue, number) for queue in queues() for number in range(lanes_of(queue))]


def _ask(question: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
