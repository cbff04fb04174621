"""Asking every invariant, each in a short transaction of its own that only reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from shop.doctor.invariant import Invariant, known

_SHOWN = 100  # of those who break the same


@dataclass(frozen=True, slots=True)
class Finding:
    """What an invariant of an app found: nobody, or those who break it (100 at most)."""

    app: str
    invariant: Invariant
    broken: Sequence[tuple[Any, ...]]


def examine(*, since: datetime) -> Iterator[Finding]:
    """Ask all invariants, one after the other. Nothing is locked, and writers wait for nobody."""
    for app, invariants in known().items():
        for invariant in invariants:
            yield Finding(app, invariant, _ask(invariant, since))


def _ask(invariant: Invariant, since: datetime) -> list[tuple[Any, ...]]:
    """Index scans of old rows are quick; a full one of a large table may take longer than a request is given."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5min'; SET TRANSACTION READ ONLY")
        cursor.execute(f"SELECT * FROM ({invariant.broken}) AS broken LIMIT {_SHOWN}", {"since": since})  # noqa: S608 - our own
        broken: list[tuple[Any, ...]] = cursor.fetchall()
        return broken
