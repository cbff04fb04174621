"""`manage.py events`: the map of events, who tells them and who reacts."""

import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from shop.bus.event import events
from shop.bus.handlers import Handler, handlers
from shop.bus.reading import publishers
from shop.bus.upcasters import steps


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
        told_by, reactions = publishers(), _reactions()
        for (name, version), event in sorted(events.items()):
            yield self.style.MIGRATE_HEADING(f"{name} v{version}") + f"  from {event.source}"
            yield f"    {(event.__doc__ or '').strip().splitlines()[0]}"
            yield from (f"    <- {publisher}" for publisher in told_by[event])
            if (name, version) in steps:
                yield f"    ^^ heard as v{version + 1}, by {steps[name, version].__name__}"
            else:
                yield from (f"    -> {handler.name:45} {_how(handler)}" for handler in reactions[name])


def _reactions() -> dict[str, list[Handler]]:
    found: dict[str, list[Handler]] = defaultdict(list)
    for _, handler in sorted(handlers.items()):
        found[handler.event.name].append(handler)
    return found


def _how(handler: Handler) -> str:
    after = f", {handler.after} later" if handler.after else ""
    return f"{handler.kind}, queue {handler.queue}{after}"
