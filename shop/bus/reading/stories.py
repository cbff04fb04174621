"""Stories: everything that happened to an order, what came of it, and what is still to do."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shop.bus.models import DeadLetter, Delivery, Event, Receipt


@dataclass(frozen=True, slots=True)
class Reaction:
    """What one handler made of an event. `state` is `done`, `due` (with attempts so far), `dead` or `parked`."""

    handler: str
    state: str
    attempts: int
    at: datetime
    """When it was done or given up; when it is due next, if it is neither."""
    error: str = ""
    """What went wrong the last time, if it is not done."""
    letter: int | None = None
    """The dead letter, if it is one."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One event of a story, with what caused it and what came of it."""

    event: Event
    reactions: list[Reaction]


def story(key: str, *, limit: int | None = None) -> list[Chapter]:
    """Everything that happened under a partition key (an order's id), in four queries, however much.

    It is told as the feed tells it: causes before effects, and each subject in its sequence. Neither times nor ids are
    given out in that order where somebody had to wait.
    """
    events = list(Event.objects.filter(partition_key=key).order_by("id")[:limit])
    events.sort(key=lambda event: (event.settled_after, event.position))
    reactions = _reactions([event.id for event in events])
    return [Chapter(event, sorted(reactions[event.id], key=_by_time)) for event in events]


def due(queue: str | None = None) -> int:
    """How many deliveries wait, of all queues or one; those whose time has not come are counted too."""
    waiting = Delivery.objects.all() if queue is None else Delivery.objects.filter(queue=queue)
    return waiting.count()


def chapter(event: Event) -> Chapter:
    """One event, and what came of it."""
    return Chapter(event, sorted(_reactions([event.id])[event.id], key=_by_time))


def _reactions(ids: list[UUID]) -> dict[UUID, list[Reaction]]:
    found: dict[UUID, list[Reaction]] = defaultdict(list)
    for receipt in Receipt.objects.filter(event_id__in=ids):
        found[receipt.event_id].append(Reaction(receipt.handler, "done", receipt.attempts, receipt.done_at))
    for delivery in Delivery.objects.filter(event_id__in=ids):
        reaction = Reaction(delivery.handler, "due", delivery.attempts, delivery.due_at, delivery.error or "")
        found[delivery.event_id].append(reaction)
    for letter in DeadLetter.objects.filter(event_id__in=ids):
        state = "parked" if letter.parked else "dead"
        reaction = Reaction(letter.handler, state, letter.attempts, letter.died_at, letter.error, letter.pk)
        found[letter.event_id].append(reaction)
    return found


def _by_time(reaction: Reaction) -> Any:  # a sort key
    return reaction.at, reaction.handler
