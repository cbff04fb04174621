"""Processes of the shop: each has a database connection and a memory of its own, and may be killed at any instant.

They run one at a time, in one thread: while one is stopped at some point another may run from there to its end. What a
process remembers in modules is put in their place while it runs, and so is its connection.
"""

from __future__ import annotations

import contextvars
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from django.db import connections

from shop.bus import bells, calls, housekeeping, tasks
from tests.simulation.bells import Belfry
from tests.simulation.connections import Watched

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")

_MEMORY = [
    (calls, "_closed_until"),
    (tasks, "_paces"),
    (tasks, "_began"),
    (housekeeping, "_next"),
    (housekeeping, "_next_look"),
    (bells, "_belfry"),
]


class Killed(BaseException):
    """This process is dead: nothing of it runs any more, whatever it was about to do."""

    def __init__(self, process: Process) -> None:
        super().__init__(process.name)
        self.process = process


class Process:
    """One process; a new one takes the place of a dead one."""

    def __init__(self, world: World, name: str, *, watched: bool = True, keeps_house: bool = False) -> None:
        self.world = world
        self.name = name
        self.watched = watched
        self.is_dead = False
        self.is_busy = False
        self.is_late = False
        self.unsettled: set[str] = set()
        self.connection = Watched(self)
        house = 0.0 if keeps_house else math.inf
        self._memory: list[Any] = [{}, {}, {}, house, house, Belfry(world.redis, self)]

    def run(self, work: Callable[[], T]) -> T | None:
        """Do some work as this process; None if it died of it."""
        self.is_busy = True
        try:
            with self._in_place():
                return contextvars.Context().run(work)
        except Killed as killed:
            if killed.process is not self:
                raise
            return None
        except Exception as error:  # noqa: BLE001 - Celery's workers go on, too
            if not self.is_dead:
                self.world.accidents.append((self.name, repr(error)))
            return None
        finally:
            self.is_busy = False

    def reach(self, what: str, moment: str) -> str:
        """This process has come to a point. Returns what happens there to what it asks for, if anything does."""
        self.must_live()
        happened = self.world.reach(self, what, moment) if self.watched else ""
        self.must_live()
        return happened

    def must_live(self) -> None:
        if self.is_dead:
            raise Killed(self)

    def kill(self) -> None:
        """As `kill -9` does: the server finds the connection closed, and rolls back what was open."""
        self.is_dead = True
        self.cut(self.connection.hang_up)

    def cut(self, how: Callable[[], None] | None = None) -> None:
        """The connection ends, and the process goes on without knowing."""
        session = self.connection.connection
        if session is None or session.closed:
            return
        pid = session.info.backend_pid
        (how or (lambda: self.world.observer.tell("SELECT pg_terminate_backend(%s)", [pid])))()
        while self.world.observer.tell("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid]):
            pass

    def tell(self, statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
        """Ask the database past everybody who watches."""
        self.connection.ensure_connection()
        return list(self.connection.connection.execute(statement, values).fetchall())

    def end(self) -> None:
        with suppress(psycopg.Error):
            self.connection.hang_up()

    @contextmanager
    def _in_place(self) -> Iterator[None]:
        before = [getattr(module, name) for module, name in _MEMORY]
        connection = connections["default"]
        connections["default"] = self.connection
        _remember(self._memory)
        try:
            yield
        finally:
            self._memory = [getattr(module, name) for module, name in _MEMORY]
            _remember(before)
            connections["default"] = connection


def _remember(memory: list[Any]) -> None:
    for (module, name), value in zip(_MEMORY, memory, strict=True):
        setattr(module, name, value)
