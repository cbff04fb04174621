"""Upcasters: small pure functions that tell an old event as the next version of it would, one step at a time.

So a handler knows one version of an event, the newest. What the log has of older ones stays there as it was told.
"""

import inspect
import typing
from collections.abc import Callable
from typing import Any, TypeVar

from shop.bus.event import BadEvent, Event, UnknownEvent

Step = TypeVar("Step", bound=Callable[[Any], Event])

steps: dict[tuple[str, int], Callable[[Any], Event]] = {}
"""By name and version of what they take."""


def upcast(step: Step) -> Step:
    """The decorated function takes an event of one version, and returns the same fact as the next version tells it.

    ```
    @upcast
    def points_were_of_one_kind(old: PointsGrantedV1) -> PointsGranted:
        return PointsGranted(order_id=old.order_id, amount=old.points, kind="earned")
    ```

    It knows nothing but the event: no clock, no table. It stands beside the classes, so that whoever has those has it.
    Raises `BadEvent` where it leads anywhere but from a version to the next, or where another one does already.
    """
    old, new = _ends(step)
    if new.name != old.name or new.version != old.version + 1:
        raise BadEvent(f"{step.__name__} must lead from {_shown(old)} to the next version, and not to {_shown(new)}")
    if (old.name, old.version) in steps:
        raise BadEvent(f"{step.__name__}: {steps[old.name, old.version].__name__} leads on from {_shown(old)} already")
    steps[old.name, old.version] = step
    return step


def check(event: type[Event]) -> None:
    """Every older version of this event can be brought to it; raises `BadEvent`."""
    for version in range(1, event.version):
        if (event.name, version) not in steps:
            raise BadEvent(f"{event.name}: nothing leads from version {version} to the next; declare it with @upcast")


def brought_to(wanted: type[Event], event: Event) -> Event:
    """The same fact as this version tells it.

    Raises `UnknownEvent` if it is told in a later version than that, or is another event altogether.
    """
    if event.name != wanted.name or event.version > wanted.version:
        raise UnknownEvent(f"{_shown(wanted)} is known here, and this is {_shown(type(event))}")
    for version in range(event.version, wanted.version):
        newer = steps[event.name, version](event)
        newer.__dict__["event_id"] = event.event_id
        event = newer
    return event


def _ends(step: Callable[..., Any]) -> tuple[type[Event], type[Event]]:
    """What it takes and what it returns, as its annotations say."""
    hints = typing.get_type_hints(step)
    parameters = list(inspect.signature(step).parameters)
    ends = [hints.get(name) for name in (*parameters, "return")]
    match ends:
        case [type() as old, type() as new] if issubclass(old, Event) and issubclass(new, Event):
            return old, new
    raise BadEvent(f"{step.__name__} must take one event, return one, and say so in its annotations")


def _shown(event: type[Event]) -> str:
    return f"{event.name} version {event.version}"
