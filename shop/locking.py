"""Rows of one model, read and locked by one prepared statement, whatever their number.

It is what a query set's `locked()` asks too, but a query set is put together anew each time, and planned anew.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import connection, models

from shop.prepared import prepared

Field = models.Field[Any, Any]
M = TypeVar("M", bound=models.Model)


def locked(model: type[M], column: str, values: Iterable[Any], **also: Any) -> list[M]:
    """Rows whose column has one of these values, locked in the order of their keys; `also` are columns and values."""
    wanted = list(values)
    if not wanted:
        return []
    asked = _asked(model, column, tuple(also))
    with prepared() as cursor:
        cursor.execute(asked.statement, [wanted, *also.values()])
        found = [list(row) for row in cursor.fetchall()]
    for row in found:
        for place, field in asked.converted:
            row[place] = field.from_db_value(row[place], None, connection)
    return [model.from_db(connection.alias, asked.names, row) for row in found]


class _Asked(NamedTuple):
    statement: str
    names: Sequence[str]
    converted: Sequence[tuple[int, Any]]
    """Places and fields of columns that Django makes something else of, such as JSON."""


@cache
def _asked(model: type[models.Model], column: str, also: Sequence[str]) -> _Asked:
    fields: Sequence[Field] = model._meta.concrete_fields
    known = {field.attname: field for field in fields}
    kind = str(known[column].db_type(connection)).partition("(")[0]
    conditions = [f"{_quoted(known[column])} = ANY(%s::{kind}[])", *(f"{_quoted(known[name])} = %s" for name in also)]
    return _Asked(
        f"SELECT {', '.join(map(_quoted, fields))} "  # noqa: S608 - names come from the model
        f"FROM {connection.ops.quote_name(model._meta.db_table)} WHERE {' AND '.join(conditions)} "
        f"ORDER BY {_quoted(model._meta.pk)} FOR UPDATE",
        [field.attname for field in fields],
        [(place, field) for place, field in enumerate(fields) if hasattr(field, "from_db_value")],
    )


def _quoted(field: Field) -> str:
    return connection.ops.quote_name(str(field.column))
