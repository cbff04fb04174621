"""Pauses: calls that were put off because what they call is away."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from shop.bus.handlers import OUT, lanes_of, queues
from shop.bus.outside import Unavailable

_MOST = 10_000  # deliveries looked at in each lane


@dataclass(frozen=True, slots=True)
class Pause:
    """How many calls of a handler wait for a dependency, what was said last, and when they are tried again."""

    handler: str
    calls: int
    error: str
    next_at: datetime


_PAUSES = """
SELECT handler, count(*), max(error), min(due_at)
FROM unnest(%s::text[], %s::int[]) AS known (queue, number)
CROSS JOIN LATERAL (
    SELECT handler, error, due_at FROM bus_delivery
    WHERE queue = known.queue AND lane = known.number ORDER BY due_at, seq LIMIT %s
) AS waiting
WHERE starts_with(error, %s) GROUP BY handler ORDER BY handler
"""


def pauses() -> list[Pause]:
    """What is away, as those see it who call it."""
    known = [(queue, number) for queue in queues() if queue.endswith(OUT) for number in range(lanes_of(queue))]
    values: list[Any] = [[queue for queue, _ in known], [number for _, number in known], _MOST, Unavailable.__name__]
    with connection.cursor() as cursor:
        cursor.execute(_PAUSES, values)
        return [Pause(*row) for row in cursor.fetchall()]
