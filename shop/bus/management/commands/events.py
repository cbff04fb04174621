"""`manage.py events`: the map of events, who tells them and who reacts."""

import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from inspect import getmembers, isfunction
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.utils.module_loading import module_has_submodule

from shop.bus.event import Event, events
from shop.bus.handlers import Handler, handlers


class Command(BaseCommand):
    """Print every event with its owner, its meaning, its publishers and its handlers."""

    help = "Print the map of events, publishers and handlers."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for line in self._lines():
                self.stdout.write(line)
            self.stdout.flush()
        except BrokenPipeError:  # `| head` has seen enough; what is left to flush at the exit goes nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _lines(self) -> Iterator[str]:
        publishers, reactions = _publishers(), _reactions()
        for (name, version), event in sorted(events.items()):
            yield self.style.MIGRATE_HEADING(f"{name} v{version}") + f"  from {event.source}"
            yield f"    {(event.__doc__ or '').strip().splitlines()[0]}"
            yield from (f"    <- {publisher}" for publisher in publishers[event])
            yield from (f"    -> {handler.name:45} {_how(handler)}" for handler in reactions[name])


def _publishers() -> dict[type[Event], list[str]]:
    """Which functions of `publishers` modules name which event."""
    found: dict[type[Event], list[str]] = defaultdict(list)
    for config in apps.get_app_configs():
        if not module_has_submodule(config.module, "publishers"):
            continue
        module = import_module(f"{config.name}.publishers")
        for name, function in getmembers(module, isfunction):
            named = [vars(module).get(word) for word in function.__code__.co_names]
            for event in events.values():
                if event in named and function.__module__ == module.__name__:
                    found[event].append(f"{config.label}.{name}")
    return found


def _reactions() -> dict[str, list[Handler]]:
    found: dict[str, list[Handler]] = defaultdict(list)
    for _, handler in sorted(handlers.items()):
        found[handler.event.name].append(handler)
    return found


def _how(handler: Handler) -> str:
    after = f", {handler.after} later" if handler.after else ""
    return f"{handler.kind}, queue {handler.queue}{after}"
