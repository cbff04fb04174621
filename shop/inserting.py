"""Writing a new row by a prepared statement, where Django would put the same statement together for each row."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

from shop.prepared import prepared

AnyField = Field[Any, Any]


def values_of(row: Model, fields: Sequence[AnyField]) -> Mapping[AnyField, Any]:
    """What a new row says itself; the rest are the database's defaults."""
    values = ((field, field.pre_save(row, add=True)) for field in fields)
    return {field: value for field, value in values if not isinstance(value, DatabaseDefault)}


def insert(model: type[Model], values: Mapping[AnyField, Any], returning: Sequence[AnyField]) -> list[Sequence[Any]]:
    """Write a row of plain values; a list of what these columns of it are, which is empty where nobody asks."""
    names = tuple(str(field.column) for field in values)
    statement = _statement(model._meta.db_table, names, tuple(str(field.column) for field in returning))
    with prepared() as cursor:
        cursor.execute(statement, [field.get_db_prep_save(value, connection) for field, value in values.items()])
        return [cursor.fetchone()] if returning else []


@cache
def _statement(table: str, names: tuple[str, ...], returning: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    into = f"{quote(table)} ({', '.join(map(quote, names))})"
    told = f" RETURNING {', '.join(map(quote, returning))}" if returning else ""
    return f"INSERT INTO {into} VALUES ({', '.join(['%s'] * len(names))}){told}"  # noqa: S608 - names of the model
