"""Database connections that tell their process of every commit and statement before and after it happens."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from tests.simulation.clock import SEARCH_PATH
from tests.simulation.places import AFTER, BEFORE, COMMITS, RUNS

if TYPE_CHECKING:
    from tests.simulation.processes import Process

_CHANGES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|CREATE|pg_advisory_unlock|pg_try_advisory_lock)\b", re.IGNORECASE)

# Whoever waits for a lock waits for somebody who stands still until this one has ended.
_OPTIONS = f"-c search_path={SEARCH_PATH} -c lock_timeout=1ms -c jit=off -c synchronous_commit=off"


class Watched(DatabaseWrapper):
    """The connection of one process."""

    def __init__(self, process: Process) -> None:
        settings = deepcopy(connections["default"].settings_dict)
        settings["OPTIONS"]["options"] = _OPTIONS
        super().__init__(settings, "default")
        self._process = process
        self._told: object = None
        self.execute_wrappers.append(self._watch)

    def hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._process.must_live()
        self._told = None
        return super().get_new_connection(conn_params)

    def _cursor(self, name: str | None = None) -> Any:
        self._process.must_live()
        return super()._cursor(name)  # type: ignore[misc]  # the stubs leave it out

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 - Django's own hook
        self._process.must_live()
        if not autocommit:
            self._tell_time()
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # the stubs leave it out

    def _commit(self) -> None:
        self._process.reach(COMMITS, BEFORE)
        super()._commit()  # type: ignore[misc]  # the stubs leave it out
        self._process.reach(COMMITS, AFTER)

    def _rollback(self) -> None:
        self._process.must_live()
        super()._rollback()  # type: ignore[misc]  # the stubs leave it out

    def _watch(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        if self.in_atomic_block:
            self._process.reach(RUNS, BEFORE)
            return execute(sql, params, many, context)
        self._process.must_live()
        self._tell_time()
        if not _CHANGES.search(str(sql)):
            return execute(sql, params, many, context)
        self._process.reach(COMMITS, BEFORE)
        result = execute(sql, params, many, context)
        self._process.reach(COMMITS, AFTER)
        return result

    def _tell_time(self) -> None:
        """Between transactions only: within one the clock stands still."""
        now = self._process.world.clock.now()
        if self._told != now and self.connection is not None and not self.connection.closed:
            self._told = now
            with self.wrap_database_errors:
                self.connection.execute("SELECT set_config('shop.clock', %s, false)", [now.isoformat()])
