"""Rows of one model, written by one prepared statement with one value: JSON, which PostgreSQL takes apart again.

Django's way prepares each column of each row by itself, and psycopg writes arrays of them: eight times the work.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
from django.db import connection, models
from django.db.models.expressions import DatabaseDefault

from shop.prepared import prepared

Field = models.Field[Any, Any]
Model = type[models.Model]

_as_json = msgspec.json.Encoder().encode


def insert(rows: Sequence[models.Model]) -> None:
    """Insert new rows of a model that makes its own keys; what the database makes is read back."""
    alike: dict[frozenset[str], list[models.Model]] = {}
    for row in rows:
        made_there = frozenset(name for name, value in vars(row).items() if isinstance(value, DatabaseDefault))
        alike.setdefault(made_there, []).append(row)
    for made_there, part in alike.items():
        _insert(part, _insertion(type(part[0]), made_there))


def update(rows: Sequence[models.Model], names: Iterable[str], versions: Iterable[int]) -> set[Any]:
    """Write these columns and the next version over the version that is expected of each; returns the keys written."""
    written = _update(type(rows[0]), frozenset(names))
    values = [
        written.values(row) | {"version": version}  # as it was read
        for row, version in zip(rows, versions, strict=True)
    ]
    return {pk for (pk,) in _execute(written.statement, values)}


class _Written(NamedTuple):
    """A statement, and the columns of a row that it is told, by the names of their attributes."""

    statement: str
    columns: Sequence[tuple[str, str]]
    stamped: Sequence[Field] = ()
    """Those that Django fills in with the time."""
    read_back: Sequence[str] = ()

    def values(self, row: models.Model) -> dict[str, Any]:
        values = vars(row)
        return {column: values[name] for name, column in self.columns}


def _insert(rows: Sequence[models.Model], written: _Written) -> None:
    for field in written.stamped:
        for row in rows:
            field.pre_save(row, add=True)
    made = {pk: values for pk, *values in _execute(written.statement, [written.values(row) for row in rows])}
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
        if made:
            vars(row).update(zip(written.read_back, made[row.pk], strict=True))


@cache
def _insertion(model: Model, made_there: frozenset[str]) -> _Written:
    ours = [field for field in _fields(model) if field.attname not in made_there]
    read_back = [field for field in _fields(model) if field.attname in made_there]
    columns = ", ".join(map(_quoted, ours))
    returning = f" RETURNING {', '.join(map(_quoted, [model._meta.pk, *read_back]))}" if read_back else ""
    return _Written(
        f"INSERT INTO {_table(model)} ({columns}) SELECT {columns} FROM {_recordset(ours)}{returning}",
        [_names(field) for field in ours],
        [field for field in ours if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)],
        [field.attname for field in read_back],
    )


@cache
def _update(model: Model, names: frozenset[str]) -> _Written:
    fields = [field for field in _fields(model) if field.attname in names]
    (version,) = (field for field in _fields(model) if field.name == "version")
    key = _quoted(model._meta.pk)
    changes = ", ".join(f"{_quoted(each)} = new.{_quoted(each)}" for each in fields)
    return _Written(
        f"UPDATE {_table(model)} AS old SET version = old.version + 1, {changes} "
        f"FROM {_recordset([model._meta.pk, version, *fields])} "
        f"WHERE old.{key} = new.{key} AND old.version = new.version RETURNING old.{key}",
        [_names(field) for field in (model._meta.pk, *fields)],
    )


def _execute(statement: str, values: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    with prepared() as cursor:
        cursor.execute(statement, [_as_json(values).decode()])
        rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
        return rows


def _fields(model: Model) -> Sequence[Field]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def _names(field: Field) -> tuple[str, str]:
    return field.attname, str(field.column)


def _recordset(fields: Iterable[Field]) -> str:
    """A table of the values. Types stand without their length: a cast would cut off what an assignment refuses."""
    columns = (f"{_quoted(field)} {str(field.db_type(connection)).partition('(')[0]}" for field in fields)
    return f"json_to_recordset(%s::json) AS new ({', '.join(columns)})"


def _table(model: Model) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _quoted(field: Field) -> str:
    return connection.ops.quote_name(str(field.column))
