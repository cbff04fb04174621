"""Prepared statements, for what every request asks: PostgreSQL reads and plans them once for each connection.

Django sends each statement as a text with its values in it, which is planned anew each time: more than half of what
PostgreSQL did for an order. What is asked seldom had better be asked by Django.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

M = TypeVar("M", bound=Model)


def prepared() -> CursorWrapper:
    """A cursor as Django's, but that it prepares what it executes: one statement, whose values stay apart from it.

    PostgreSQL has to see the type of each value: where its place does not tell, say it: `%s::text[]`.
    """
    ours = connections[DEFAULT_DB_ALIAS]  # what `connection` looks up at each word with it
    if ours.queries_logged:
        return ours.cursor()  # which can show the statement with its values
    ours.ensure_connection()
    session: psycopg.Connection = ours.connection
    session.prepare_threshold = 0
    cursor: Any = psycopg.Cursor(session)  # which Django's types do not know
    return ours.make_cursor(cursor)


def columns(model: type[Model], table: str) -> str:
    """What to select of a table, by its name in the statement, so that `loaded` can make a row of the model of it."""
    return ", ".join(f"{table}.{connection.ops.quote_name(str(field.column))}" for field in model._meta.concrete_fields)


def loaded(model: type[M], values: Iterator[Any]) -> M:
    """A row as a query set would have made it, of the next of some values. Its columns must need no conversion."""
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(connection.alias, names, list(islice(values, len(names))))
