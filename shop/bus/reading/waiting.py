"""Who waits for a dependency that is away."""

from collections.abc import Sequence

from shop.bus.handlers import handlers
from shop.bus.models import Delivery, Event
from shop.bus.outside import Unavailable


def held_up(keys: Sequence[str], *, dependency: str) -> set[str]:
    """The partition keys among these for which a call was put off, because the dependency did not answer."""
    if not keys:
        return set()
    callers = [name for name, each in handlers.items() if each.outside and each.outside.dependency == dependency]
    key_of = dict(Event.objects.filter(partition_key__in=keys).values_list("id", "partition_key"))
    waiting = Delivery.objects.filter(
        event_id__in=list(key_of), handler__in=callers, error__startswith=Unavailable.__name__
    )
    return {key_of[event_id] for event_id in waiting.values_list("event_id", flat=True)}
