"""What the stage does in a real worker: play along, fail, hang, or take the worker down with it."""

import os
from collections.abc import Sequence

from django.db import connection

from orders.events import OrderPlaced
from shop import autonomous
from shop.bus import Answer, Event, Outside, locks, publish, subscribe
from tests.bus.stage import notes
from tests.bus.stage.acts import act
from tests.bus.stage.events import Called, Counted, Cued, Echoed, Rehearsed


@locks
def lock_counters(events: Sequence[Event]) -> None:
    names = {name for event in events if isinstance(event, Counted) for name in event.counters}
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM stage_counter WHERE name = ANY(%s) ORDER BY name FOR UPDATE", [list(names)])


@subscribe(Cued, attempts=2)
def play(event: Cued) -> None:
    notes.make("play", event.number, event.event_id)
    if event.act == "break":
        raise RuntimeError(f"{event.scene} cannot play")
    if event.act == "echo":
        publish(Echoed(scene=event.scene, number=event.number))
    act(event.act)


@subscribe(Rehearsed, many=True, attempts=2)
def rehearse(events: Sequence[Rehearsed]) -> None:
    for event in events:
        notes.make("rehearse", event.number, event.event_id)
        act(event.act)


def sabotage(event: OrderPlaced) -> None:
    """Dies of an order of thirteen pieces until somebody has mended it; subscribed only where SABOTAGE is set."""
    notes.make("sabotage", sum(line.quantity for line in event.lines), event.event_id)
    if any(line.quantity == 13 for line in event.lines) and not notes.counted("mended"):
        act("be killed")


if "SABOTAGE" in os.environ:
    subscribe(OrderPlaced, attempts=2)(sabotage)


@subscribe(Counted)
def count(event: Counted) -> None:
    notes.make("count", event.number, event.event_id)
    with connection.cursor() as cursor:
        for name in event.counters:
            cursor.execute("UPDATE stage_counter SET count = count + 1 WHERE name = %s", [name])


@subscribe(Called, outside=True, attempts=2)
class Call(Outside[Called, tuple[int, str], str]):
    """The world outside is the notes that outlive a transaction."""

    def prepare(self, events: Sequence[Called]) -> Sequence[tuple[int, str]]:
        visits = [notes.numbers("prepare").count(event.number) for event in events]
        for event in events:
            notes.make("prepare", event.number, event.event_id)
            if event.act.endswith(" in preparing"):
                act(event.act.removesuffix(" in preparing"))
        return [
            (event.number, event.act if visit == 0 or event.act.endswith("always") else "answer")
            for event, visit in zip(events, visits, strict=True)
        ]

    def call(self, intent: tuple[int, str]) -> str:
        number, what = intent
        with autonomous.cursor() as cursor:
            cursor.execute("INSERT INTO stage_note (handler, number) VALUES ('call', %s)", [number])
        act(what.removesuffix(" always"))
        return what

    def settle(self, answers: Sequence[Answer[Called, tuple[int, str], str]]) -> None:
        for answer in answers:
            notes.make("settle", answer.event.number, answer.event.event_id)

    def late(self, answer: Answer[Called, tuple[int, str], str]) -> None:
        notes.make("late", answer.event.number, answer.event.event_id)
