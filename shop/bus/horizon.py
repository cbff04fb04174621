"""Where the log begins. What happened before is kept no longer, and nobody may deliver it any more.

Who makes deliveries of old events holds the horizon until its transaction ends; who moves it waits for them. So a week
can be looked at for work that is still to do, and given up, with nobody coming in between.
"""

from uuid import UUID

from django.db import connection

_LOCK = 7_262_003  # held together by those who deliver old events, and alone by who moves the horizon
_FIRST = UUID(int=0)

_MOVE = """
INSERT INTO bus_horizon AS known (id, first_id) VALUES (1, %s)
ON CONFLICT (id) DO UPDATE SET first_id = greatest(known.first_id, excluded.first_id)
"""


def seen() -> UUID:
    """The first id that the log is kept from."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT first_id FROM bus_horizon")
        row = cursor.fetchone()
    return row[0] if row else _FIRST


def held() -> UUID:
    """The same, and it stays until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])
    return seen()


def alone() -> None:
    """Wait until nobody holds it, and let nobody until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def move(first_id: UUID) -> None:
    """The log begins here from now on; it never moves back."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [first_id])
