"""Invariants. An app with something to say of its tables has a module `invariants` with a list `INVARIANTS` of them.

It may have a list `UNCHECKED` too: sentences about what nobody here can see.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """Something that always holds, whatever is under way.

    `broken` is one SELECT of those who break it: the first column names them, the others say how. Of what the log
    tells it looks at what happened since `%(since)s` only, a moment: the log is long, and its oldest weeks are dropped.
    """

    claim: str
    broken: str
    remedy: str
    """What somebody who finds it broken does first."""


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


def heard(event: str, handler: str) -> str:
    """SQL for a table `(order_id)`: the orders of which a handler has heard this, with all its effects written."""
    return f"""(
        SELECT DISTINCT partition_key::uuid AS order_id FROM bus_event
        JOIN bus_receipt ON bus_receipt.event_id = bus_event.id AND bus_receipt.handler = '{handler}'
        WHERE type = '{event}' AND time >= %(since)s
    )"""  # noqa: S608 - both names are written in code
