"""Kinds of events: what may happen, in which shape, who tells it, and who reacts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from inspect import getmembers, isfunction

from django.apps import apps
from django.utils.module_loading import module_has_submodule

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


def publishers() -> Mapping[type[Event], Sequence[str]]:
    """Which functions of `publishers` modules name which event; nobody tells an event that is not among them."""
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
