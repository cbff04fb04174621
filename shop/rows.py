"""Many rows of one model, written by one statement with one value: JSON, which PostgreSQL takes apart again.

Django's way prepares each column of each row by itself, and psycopg writes arrays of them: eight times the work.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.db import connection, models
from django.db.models.expressions import DatabaseDefault

Field = models.Field[Any, Any]

_as_json = msgspec.json.Encoder().encode


def insert(rows: Sequence[models.Model]) -> None:
    """Insert new rows of a model that makes its own keys; what the database makes is read back."""
    alike: dict[frozenset[str], list[models.Model]] = {}
    for row in rows:
        made_there = frozenset(name for name, value in vars(row).items() if isinstance(value, DatabaseDefault))
        alike.setdefault(made_there, []).append(row)
    for made_there, part in alike.items():
        _insert(part, made_there)


def update(rows: Sequence[models.Model], names: Iterable[str], versions: Iterable[int]) -> set[Any]:
    """Write these columns and the next version over the version that is expected of each; returns the keys written."""
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if field.attname in set(names)]
    (version,) = (field for field in meta.concrete_fields if field.name == "version")
    values = [_values(row, [meta.pk, *fields]) | {"version": was} for row, was in zip(rows, versions, strict=True)]
    key = _name(meta.pk)
    assignments = ", ".join(["version = old.version + 1", *(f"{_name(each)} = new.{_name(each)}" for each in fields)])
    written = _execute(
        f"UPDATE {connection.ops.quote_name(meta.db_table)} AS old SET {assignments} "
        f"FROM {_recordset([meta.pk, version, *fields])} "
        f"WHERE old.{key} = new.{key} AND old.version = new.version RETURNING old.{key}",
        values,
    )
    return {pk for (pk,) in written}


def _insert(rows: Sequence[models.Model], made_there: frozenset[str]) -> None:
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not field.generated and field.attname not in made_there]
    read_back = [field for field in meta.concrete_fields if field.attname in made_there]
    for field in fields:
        if getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False):
            for row in rows:
                field.pre_save(row, add=True)
    columns = ", ".join(map(_name, fields))
    inserted = _execute(
        f"INSERT INTO {connection.ops.quote_name(meta.db_table)} ({columns}) "
        f"SELECT {columns} FROM {_recordset(fields)} RETURNING {', '.join(map(_name, [meta.pk, *read_back]))}",
        [_values(row, fields) for row in rows],
    )
    made = {pk: values for pk, *values in inserted}
    for row in rows:
        vars(row).update(zip((field.attname for field in read_back), made[row.pk], strict=True))
        row._state.adding, row._state.db = False, connection.alias


def _values(row: models.Model, fields: Iterable[Field]) -> dict[str, Any]:
    values = vars(row)
    return {str(field.column): values[field.attname] for field in fields}


def _execute(statement: str, values: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_as_json(values).decode()])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _recordset(fields: Iterable[Field]) -> str:
    """A table of the values. Types stand without their length: a cast would cut off what an assignment refuses."""
    columns = (f"{_name(field)} {str(field.db_type(connection)).partition('(')[0]}" for field in fields)
    return f"json_to_recordset(%s::json) AS new ({', '.join(columns)})"


def _name(field: Field) -> str:
    return connection.ops.quote_name(str(field.column))
