"""`manage.py events`: the map of events, who tells them and who reacts."""

from collections import defaultdict
from typing import Any

from django.core.management.base import BaseCommand

from shop.bus.event import events
from shop.bus.handlers import Handler, handlers


class Command(BaseCommand):
    """Print every event with its owner, its meaning and its handlers."""

    help = "Print the map of events, publishers and handlers."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        reactions: dict[str, list[Handler]] = defaultdict(list)
        for handler in handlers.values():
            reactions[handler.event.name].append(handler)
        for (name, version), event in sorted(events.items()):
            self.stdout.write(self.style.MIGRATE_HEADING(f"{name} v{version}") + f"  from {event.source}")
            self.stdout.write(f"    {(event.__doc__ or '').strip().splitlines()[0]}")
            for handler in sorted(reactions[name], key=lambda each: each.name):
                self.stdout.write(f"    -> {handler.name:45} {_how(handler)}")


def _how(handler: Handler) -> str:
    after = f", {handler.after} later" if handler.after else ""
    return f"{handler.kind}, queue {handler.queue}{after}"
