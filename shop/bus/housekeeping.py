"""What any worker does now and then.

Partitions are made ahead of time, work is where somebody finds it, new handlers are noted, parked letters retried.
"""

import time
from datetime import timedelta

from django.conf import settings
from django.db import connection

from shop.bus import dead_letters, deliveries, partitions, retention, subscriptions
from shop.bus.handlers import handlers, lanes_of, queues

_EVERY = 3600.0  # seconds
_DROPPED = 10  # tables of old weeks at once, as a drain must come to its end
_PARKED = 60.0  # seconds between looks at what is parked, and that a letter is left alone for

_next = 0.0
_next_look = 0.0


def keep_house() -> None:
    """Once in each process's first drain, then hourly; what is parked is looked at every minute."""
    if time.monotonic() >= _next:
        _keep_all()
    elif time.monotonic() >= _next_look:
        _look_at_parked(timedelta(seconds=_PARKED))


def _keep_all() -> None:
    global _next  # noqa: PLW0603 - one per process
    partitions.keep_ahead()
    subscriptions.note()
    _leave_lost_queues()
    for queue in queues():
        _fold_lanes(queue)
    if settings.BUS_KEPT:
        retention.drop(keep=settings.BUS_KEPT, most=_DROPPED)
    _next = time.monotonic() + _EVERY
    _look_at_parked()  # all of it: the code may be new


def _look_at_parked(after: timedelta = timedelta(0)) -> None:
    global _next_look  # noqa: PLW0603 - one per process
    _next_look = time.monotonic() + _PARKED  # first: a letter that cannot be read costs one drain a minute, not every
    dead_letters.unpark(after=after)


_LOST = "queue <> ALL(%s) AND due_at < shop_now() - interval '1 hour'"  # by then other code has had its time
_MOVE = f"""
UPDATE bus_delivery SET queue = known.queue FROM unnest(%s::text[], %s::text[]) AS known (handler, queue)
WHERE bus_delivery.handler = known.handler AND bus_delivery.{_LOST}
"""  # noqa: S608 - a piece of it has a name


def _leave_lost_queues() -> None:
    """What has long been due in a queue that nobody here is subscribed from goes to its handler's own, or is parked."""
    own = [(handler.name, handler.queue) for handler in handlers.values()]
    known = list(queues())
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [[name for name, _ in own], [queue for _, queue in own], known])
        cursor.execute(f"SELECT seq, handler FROM bus_delivery WHERE {_LOST} ORDER BY seq LIMIT 1000", [known])  # noqa: S608
        lost = cursor.fetchall()
    for seq, handler in lost:
        deliveries.bury(seq, f"no handler {handler} is here, and nobody serves its queue", parked=True)


def _fold_lanes(queue: str) -> None:
    """Work in a lane that is no longer drained moves to one that is."""
    lanes = lanes_of(queue)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bus_delivery SET lane = lane %% %s WHERE queue = %s AND lane >= %s", [lanes, queue, lanes]
        )
