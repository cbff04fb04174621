"""Places in an ordered list: where a page begins, as a condition for the database and as an opaque word for clients."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from django.core import signing
from django.db.models import Model, Q


class BadCursor(ValueError):
    """This is not a cursor of the list that it is used for."""


class Cursor(NamedTuple):
    """The values that a row has in the ordering's columns, and on which side of that row the page lies."""

    values: Sequence[Any]
    backwards: bool


def beside(row: Model, ordering: Sequence[str], *, backwards: bool) -> Cursor:
    """The place just behind a row, or just before it."""
    return Cursor([getattr(row, name.lstrip("-")) for name in ordering], backwards)


def written(cursor: Cursor, good_for: str) -> str:
    """A cursor as clients carry it about, signed for the list that it is good for.

    It is the same at any time, so that a page that has not changed has the same links, and the same ETag.
    """
    plain = msgspec.to_builtins(cursor)  # Django's encoder would cut times to milliseconds, and rows would be left out
    return signing.Signer(salt=good_for).sign_object(plain)


def read(text: str, good_for: str) -> Cursor:
    """A cursor that came back. Raises `BadCursor` when it is not ours, or was made for another list."""
    try:
        values, backwards = signing.Signer(salt=good_for).unsign_object(text)
    except (signing.BadSignature, ValueError):
        raise BadCursor(BadCursor.__doc__) from None
    return Cursor(values, backwards)


def reverse(ordering: Sequence[str]) -> list[str]:
    """The ordering from its other end."""
    return [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in ordering]


def beyond(ordering: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows after a place: what is behind in the first column, or equal there and behind in the rest.

    The first column is compared once more by itself, so that its index is walked from the place on.
    """
    name = ordering[0].lstrip("-")
    behind = "lt" if ordering[0].startswith("-") else "gt"
    if len(ordering) == 1:
        return Q(**{f"{name}__{behind}": values[0]})
    rest = Q(**{name: values[0]}) & beyond(ordering[1:], values[1:])
    return Q(**{f"{name}__{behind}e": values[0]}) & (Q(**{f"{name}__{behind}": values[0]}) | rest)
