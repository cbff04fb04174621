"""Autonomous transactions: a second connection to the same database, which commits at once.

For what stands for the outside world in development (the sandbox gateway's book, the mailbox): a worker's rollback
must not undo what "the outside" has done. And for threads that ask beside the requests of a web process.
"""

import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import connection
from psycopg import Connection, Cursor, OperationalError
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

Pool = ConnectionPool[Connection[DictRow]]

_making = threading.Lock()


@contextmanager
def cursor() -> Iterator[Cursor[DictRow]]:
    """A cursor whose every statement is a transaction of its own. Rows are dicts."""
    pool = _the_pool()
    side = _living(pool)
    try:
        with side.cursor() as side_cursor:
            yield side_cursor
    finally:
        pool.putconn(side)


def _living(pool: Pool) -> Connection[DictRow]:
    """A connection that still works. The pool can check too, but waits for seconds after each that does not."""
    while True:
        side = pool.getconn()
        try:
            if says_something(side):
                ConnectionPool.check_connection(side)
        except OperationalError:
            pool.putconn(side)  # it is dropped there, and another one made
        else:
            return side


def says_something(side: Connection[Any]) -> bool:
    """A server speaks to those who ask nothing when it sends them away, hardly ever else."""
    listening = select.poll()
    listening.register(side, select.POLLIN)
    return bool(listening.poll(0))


def _the_pool() -> Pool:
    parameters = {name: value for name, value in connection.settings_dict["OPTIONS"].items() if name != "pool"}
    parameters |= {
        "dbname": connection.settings_dict["NAME"],
        "user": connection.settings_dict["USER"],
        "password": connection.settings_dict["PASSWORD"],
        "host": connection.settings_dict["HOST"],
        "port": connection.settings_dict["PORT"],
        "application_name": "shop autonomous",
    }
    with _making:  # threads that come first at once would make a pool each, and leave all but one to themselves
        return _pool(os.getpid(), tuple(sorted(parameters.items())))


@cache
def _pool(_process: int, parameters: tuple[tuple[str, Any], ...]) -> Pool:
    """One small pool per process and database; a forked child must not use its parent's."""
    return ConnectionPool(
        kwargs={**dict(parameters), "autocommit": True, "row_factory": dict_row},
        min_size=0,
        max_size=4,
        max_idle=60,
        timeout=10,
        reconnect_timeout=5,  # the waits between attempts double, see WEB_CONNECTIONS
        open=True,
    )
