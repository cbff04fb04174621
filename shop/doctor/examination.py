"""Asking every invariant, each in a short transaction of its own that only reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from shop.doctor.invariant import Invariant, NotAsked, Row, known

SHOWN = 100
"""How many of those who break the same are named."""

_PATIENCE = "5min"
_CLOCKS = timedelta(hours=1)  # ids are made by the clocks of many machines


@dataclass(frozen=True, slots=True)
class Finding:
    """What an invariant of an app found: nobody, or those who break it; or why it could not be asked."""

    app: str
    invariant: Invariant
    broken: Sequence[Row] = ()
    not_asked: str = ""


def examine(*, since: datetime) -> Iterator[Finding]:
    """Ask all invariants, one after the other. Nothing is locked, and writers wait for nobody."""
    for app, invariants in known().items():
        for invariant in invariants:
            yield look(app, invariant, since=since)


def look(app: str, invariant: Invariant, *, since: datetime, most: int = SHOWN) -> Finding:
    """Ask one of them. Of before the log begins nothing is known, and little of its first hour: clocks may be off."""
    from shop.bus.reading import log_begins

    since = max(since, log_begins() + _CLOCKS)
    try:
        if isinstance(invariant.broken, str):
            return Finding(app, invariant, _ask(invariant.broken, since, most))
        return Finding(app, invariant, list(islice(invariant.broken(since), most)))
    except NotAsked as reason:
        return Finding(app, invariant, not_asked=str(reason))


def _ask(question: str, since: datetime, most: int) -> list[Row]:
    """Index scans of old rows are quick; a full one of a large table may take longer than a request is given."""
    from shop.bus.reading import first_id

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{_PATIENCE}'; SET TRANSACTION READ ONLY")
            values: dict[str, Any] = {"since": since, "since_id": first_id(since - _CLOCKS), "made_id": first_id(since)}
            cursor.execute(f"SELECT * FROM ({question}) AS broken LIMIT {most}", values)  # noqa: S608 - our own
            columns = [column.name for column in cursor.description]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise NotAsked(f"it took longer than {_PATIENCE}; look back less far") from error
        raise
