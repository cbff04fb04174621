"""What any worker does now and then: partitions ahead of time, lanes as they are set now, parked letters retried."""

import time

from django.db import connection

from shop.bus import dead_letters, partitions
from shop.bus.handlers import lanes_of, queues

_EVERY = 3600.0  # seconds

_next = 0.0


def keep_house() -> None:
    """Once in each process's first drain, then hourly; one process at a time, the others need not wait."""
    global _next  # noqa: PLW0603 - one per process
    if time.monotonic() < _next:
        return
    partitions.keep_ahead()
    for queue in queues():
        _fold_lanes(queue)
    dead_letters.unpark()
    _next = time.monotonic() + _EVERY


def _fold_lanes(queue: str) -> None:
    """Work in a lane that is no longer drained moves to one that is."""
    lanes = lanes_of(queue)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bus_delivery SET lane = lane %% %s WHERE queue = %s AND lane >= %s", [lanes, queue, lanes]
        )
