"""Which statements are run in which order, and with what."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from orders.models import Order
from shop.bus.handlers import handlers, lanes_of

_AT_FIRST = ("moments", "goods", "people")
_OF_EACH_PART = ("plan", "orders", "shipments", "returns", "inventory", "payments", "notifications")
_AT_LAST = ("stock", "audit", "log", "work")


class NotEmpty(RuntimeError):
    """This database has orders already: a history is written into an empty one only."""


def write(*, orders: int, part: int) -> Iterator[str]:
    """Write so many orders with all that belongs to them; tells what it has done, step by step. Raises `NotEmpty`."""
    if Order.objects.exists():
        raise NotEmpty(NotEmpty.__doc__)
    call_command("seed")
    facts: dict[str, Any] = {"orders": orders, "now": timezone.now(), **_subscriptions()}
    with _unhurried() as cursor:
        yield _run(_AT_FIRST, facts, "goods and people")
        for first in range(1, orders + 1, part):
            last = min(first + part - 1, orders)
            yield _run(_OF_EACH_PART, facts | {"first": first, "last": last}, f"{last} orders")
        for step in _AT_LAST:
            yield _run((step,), facts, step)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
        (size,) = cursor.fetchone()
    yield f"{size} in all"


@contextmanager
def _unhurried() -> Iterator[CursorWrapper]:
    """No request would be given so long, and nobody misses what a crash takes; all is as it was afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET synchronous_commit = off; SET work_mem = '64MB'")
        try:
            yield cursor
        finally:
            cursor.execute("RESET statement_timeout; RESET synchronous_commit; RESET work_mem; DISCARD TEMP")


def _run(steps: tuple[str, ...], facts: Mapping[str, Any], done: str) -> str:
    with transaction.atomic(), connection.cursor() as cursor:
        for step in steps:
            cursor.execute((Path(__file__).parent / f"{step}.sql").read_text(), facts)
    return done


def _subscriptions() -> dict[str, list[Any]]:
    """Who hears of what, as the code has it, in columns."""
    known = list(handlers.values())
    return {
        "types": [each.event.name for each in known],
        "handlers": [each.name for each in known],
        "queues": [each.queue for each in known],
        "lanes": [lanes_of(each.queue) for each in known],
        "afters": [each.after for each in known],
    }
