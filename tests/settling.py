"""Waiting until the feed shows what was committed."""

from django.db import connection

from tests.processes import eventually


def settle() -> None:
    """Wait until all who write now have ended: other tests use the same server, and hold the feed back."""
    (newest,) = _ask("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    eventually(
        lambda: _ask("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= %s", newest) == (True,),
        "all who write now have ended",
        seconds=60,
    )


def _ask(question: str, *values: int) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        answer: tuple[int, ...] = cursor.fetchone()
    return answer
