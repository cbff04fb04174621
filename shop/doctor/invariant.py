"""Invariants. An app with something to say of its tables has a module `invariants` with a list `INVARIANTS` of them.

It may have a list `UNCHECKED` too: sentences about what nobody here can see.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule

Row = Mapping[str, Any]
"""Who breaks an invariant, and how, by the names of the columns."""


class NotAsked(Exception):
    """This cannot be found out now, or not here; the text says why."""


class NotSafe(Exception):
    """Only a person can mend this; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What a repair has done, as the audit keeps it."""

    subject: str
    before: Row
    after: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What `doctor --repair` does for each who breaks an invariant, by the services of the domain."""

    deed: str
    """What it does, a sentence."""
    action: str
    """What the audit calls it."""
    mend: Callable[[Row], Mended | None]
    """Runs in a transaction of its own, and looks again under its locks: None if nothing is to be done any more.

    Raises `NotSafe`.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """Something that always holds, whatever is under way.

    `broken` is one SELECT of those who break it: the first columns name them, the others say how. Of what the log
    tells it looks at what happened since `%(since)s` only, a moment: the log is long, and its oldest weeks are dropped.
    No event since then has an id below `%(since_id)s`, by which partitions are left out, though clocks differ. Rows
    with ids above `%(made_id)s` were made since, and so was all that is told of them. What no SELECT can see is asked
    by a function, which may raise `NotAsked`.
    """

    claim: str
    broken: str | Callable[[datetime], Iterable[Row]]
    remedy: str
    """What somebody who finds it broken does first."""
    repair: Repair | None = None


def known() -> dict[str, list[Invariant]]:
    """The invariants of every app that has some, app by app."""
    return {label: module.INVARIANTS for label, module in _modules().items()}


def unchecked() -> dict[str, list[str]]:
    """What cannot be checked, app by app."""
    return {label: module.UNCHECKED for label, module in _modules().items() if hasattr(module, "UNCHECKED")}


def _modules() -> dict[str, Any]:
    return {
        config.label: import_module(f"{config.name}.invariants")
        for config in apps.get_app_configs()
        if config.module is not None and module_has_submodule(config.module, "invariants")
    }
