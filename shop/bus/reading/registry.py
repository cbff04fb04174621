"""Kinds of events: what may happen, in which shape, and who reacts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import apps

from shop.bus.event import Event, events
from shop.bus.handlers import Handler, handlers


@dataclass(frozen=True, slots=True)
class Kind:
    """An event's class, and the handlers that hear of it, whichever of its versions they know."""

    event: type[Event]
    handlers: Sequence[Handler]


def kinds() -> list[Kind]:
    """Every event that an installed app declares, by name and version."""
    hearing: dict[str, list[Handler]] = defaultdict(list)
    for _, handler in sorted(handlers.items()):
        hearing[handler.event.name].append(handler)
    return [
        Kind(event, hearing[name])
        for (name, _), event in sorted(events.items())
        if apps.get_containing_app_config(event.__module__)
    ]
