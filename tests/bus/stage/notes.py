"""What handlers of the tests leave behind, in tables without a model: the product's migrations know none of them."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

TABLES = """
CREATE TABLE IF NOT EXISTS stage_note (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    handler text NOT NULL,
    event_id uuid,
    number integer NOT NULL,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE TABLE IF NOT EXISTS stage_counter (name text PRIMARY KEY, count integer NOT NULL DEFAULT 0)
"""


@dataclass(frozen=True)
class Note:
    """One visit of a handler; `transaction` tells which were made together."""

    handler: str
    event_id: UUID | None
    number: int
    transaction: int


def make(handler: str, number: int = 0, event_id: UUID | None = None) -> None:
    """Leave a note, in the transaction that one is in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stage_note (handler, event_id, number) VALUES (%s, %s, %s)", [handler, event_id, number]
        )


def read(handler: str | None = None) -> list[Note]:
    """All notes, or those of one handler, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT handler, event_id, number, transaction::text::bigint FROM stage_note"
            " WHERE %(handler)s::text IS NULL OR handler = %(handler)s ORDER BY id",
            {"handler": handler},
        )
        return [Note(*row) for row in cursor.fetchall()]


def numbers(handler: str | None = None) -> list[int]:
    """The numbers noted, oldest first."""
    return [note.number for note in read(handler)]


def count(name: str) -> None:
    """Count something, for whoever asks whether it was counted."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO stage_counter (name, count) VALUES (%s, 1)", [name])


def counted(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM stage_counter WHERE name = %s AND count > 0", [name])
        return bool(cursor.rowcount)
