"""PostgreSQL crashes, loses its sessions, or has somebody in it who keeps what others want."""

import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import psycopg

from tests.chaos import trees
from tests.chaos.faults.fault import LONG, SHORT, fault
from tests.chaos.stage import Stage
from tests.chaos.wishes import HOT

_MOST_SESSIONS = 250  # more than there can be

_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name LIKE 'shop%' AND pid <> pg_backend_pid()
"""


@fault("postgres")
def postgres_killed(stage: Stage, chance: random.Random) -> Iterator[None]:
    trees.kill(stage.processes("postgres"))
    yield


@fault("postgres")
def session_of_postgres_killed(stage: Stage, chance: random.Random) -> Iterator[None]:
    """By SIGKILL: then PostgreSQL ends all sessions, and recovers."""
    with stage.database() as database:
        busy = database.execute("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'shop%'").fetchall()
    trees.kill(int(str(pid)) for (pid,) in busy[:1])
    yield


@fault("postgres")
def postgres_stopped_at_once(stage: Stage, chance: random.Random) -> Iterator[None]:
    trees.send(stage.processes("postgres"), signal.SIGQUIT)
    yield


@fault("postgres")
def postgres_stopped_fast(stage: Stage, chance: random.Random) -> Iterator[None]:
    """Only while it takes connections: asked in the middle of a recovery it neither ends nor goes on."""
    with stage.database():
        trees.send(stage.processes("postgres"), signal.SIGINT)
    yield


@fault("postgres", SHORT)
def postgres_frozen(stage: Stage, chance: random.Random) -> Iterator[None]:
    frozen = [each for pid in stage.processes("postgres") for each in trees.family(pid)]
    trees.send(frozen, signal.SIGSTOP)
    yield
    trees.send(frozen, signal.SIGCONT)


@fault("postgres")
def sessions_terminated(stage: Stage, chance: random.Random) -> Iterator[None]:
    with stage.database() as database:
        for _ in range(3):
            database.execute(_OTHERS)
            time.sleep(chance.uniform(0.1, 0.7))
    yield


@fault("postgres", (60.0, 100.0), quiet=True)
def snapshot_held(stage: Stage, chance: random.Random) -> Iterator[None]:
    """No row version that it could see is cleaned away."""
    with stage.database() as database:
        database.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        database.execute("SELECT count(*) FROM bus_delivery")
        yield
        _roll_back(database)


@fault("postgres", LONG)
def stock_row_held(stage: Stage, chance: random.Random) -> Iterator[None]:
    """The hottest of all."""
    with stage.database() as database:
        database.execute("BEGIN")
        database.execute("SELECT FROM inventory_stocklevel WHERE sku = %s FOR UPDATE", [HOT])
        yield
        _roll_back(database)


@fault("postgres", SHORT)
def table_held(stage: Stage, chance: random.Random) -> Iterator[None]:
    table = chance.choice(("orders_order", "payments_payment", "bus_delivery", "bus_marker", "api_idempotentanswer"))
    with stage.database() as database:
        database.execute("SET lock_timeout = '3s'")
        database.execute("BEGIN")
        database.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        _roll_back(database)


@fault("postgres", SHORT)
def postgres_full_of_sessions(stage: Stage, chance: random.Random) -> Iterator[None]:
    """Everybody is sent away, and strangers take their places."""
    with ExitStack() as strangers:
        here = strangers.enter_context(stage.database())
        with suppress(psycopg.OperationalError):
            for _ in range(_MOST_SESSIONS):
                strangers.enter_context(stage.database("stranger"))
        here.execute(_OTHERS)
        yield


def _roll_back(database: "psycopg.Connection[tuple[object, ...]]") -> None:
    with suppress(psycopg.OperationalError):  # whoever holds a row while PostgreSQL dies has nothing to take back
        database.execute("ROLLBACK")
