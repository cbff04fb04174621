"""An order's story as a sequence: what happened when, because of what, by whom, and who did what about it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from shop.admin.panels import Fact, Panel, Step, Tone
from shop.admin.tones import TONES
from shop.bus.reading import Chapter, Reaction, redacted, story
from shop.users.actors import named
from shop.users.models import User

MOST = 200
"""How many events of an order are shown; the log has the rest."""

_MINUTES, _HOURS, _DAYS = 100, 100 * 60, 48 * 3600
"""From so many seconds on it is told in these."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one handler made of an event."""

    handler: str
    state: str
    tone: Tone
    at: datetime
    after: str
    attempts: int
    error: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event or a step, with what led to it and what came of it."""

    at: datetime
    after: str
    title: str
    anchor: str = ""
    subject: str = ""
    cause: str = ""
    cause_anchor: str = ""
    actor: str = ""
    state: str = ""
    tone: Tone = ""
    facts: Sequence[Fact] = ()
    reactions: Sequence[Told] = ()
    payload: str = ""
    address: str = ""


def told(order_id: UUID, panels: Sequence[Panel], viewer: User) -> tuple[list[Entry], bool]:
    """The story, oldest first, with the panels' steps in their places; and whether there is more of it."""
    chapters = story(str(order_id), limit=MOST + 1)
    if not chapters:
        return [], False
    began, shown = chapters[0].event.time, chapters[:MOST]
    names = named({chapter.event.actor for chapter in shown}) if viewer.has_perm("users.view_user") else {}
    types = {str(chapter.event.id): chapter.event.type for chapter in shown}
    entries = [_of_event(chapter, began, names, types, viewer) for chapter in shown]
    entries += [_of_step(step, began) for panel in panels for step in panel.steps]
    return sorted(entries, key=lambda entry: entry.at), len(chapters) > MOST


def _of_event(chapter: Chapter, began: datetime, names: dict[str, str], types: dict[str, str], viewer: User) -> Entry:
    event = chapter.event
    may_read = viewer.has_perm("bus.view_event")
    is_caused = event.causation_id in types
    return Entry(
        at=event.time,
        after=lasted(began, event.time),
        title=event.type,
        anchor=f"event-{event.id}",
        subject=f"{event.subject} #{event.sequence}",
        cause=types[event.causation_id] if is_caused else "a request",
        cause_anchor=f"event-{event.causation_id}" if is_caused else "",
        actor=names.get(event.actor, event.actor.partition(":")[0]),
        reactions=[_of_reaction(each, event.time, viewer) for each in chapter.reactions],
        payload=json.dumps(redacted(event.data), indent=2, ensure_ascii=False) if may_read else "",
        address=reverse("admin:bus_event_change", args=[event.id]) if may_read else "",
    )


def _of_reaction(reaction: Reaction, since: datetime, viewer: User) -> Told:
    may_read = reaction.letter is not None and viewer.has_perm("bus.view_deadletter")
    return Told(
        handler=reaction.handler,
        state=reaction.state,
        tone=TONES[reaction.state],
        at=reaction.at,
        after=lasted(since, reaction.at),
        attempts=reaction.attempts,
        error=str(redacted(reaction.error)),
        address=reverse("admin:bus_deadletter_change", args=[reaction.letter]) if may_read else "",
    )


def _of_step(step: Step, began: datetime) -> Entry:
    return Entry(
        at=step.at,
        after=lasted(began, step.at),
        title=step.title,
        state=step.state,
        tone=step.tone,
        facts=step.facts,
        address=step.address,
    )


def lasted(since: datetime, until: datetime) -> str:
    """How much later it was, as one says it: 35 ms, 1.2 s, 30 min, 2 h, 3 days."""
    seconds = max((until - since).total_seconds(), 0.0)
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < _MINUTES:
        return f"{seconds:.1f} s"
    if seconds < _HOURS:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < _DAYS else f"{seconds / 86400:.0f} days"
