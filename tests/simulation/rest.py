"""Healing: nothing happens by chance any more, and everything is done until nothing is left to do."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.simulation.steps import Step
from tests.simulation.world import World, domains

_ROUNDS = 400
_RETRIES = 240.0  # seconds that hardly anything waits for its next attempt
_LUMP = 600.0  # seconds past what is due next, so that what is due soon after is done in one go
_SWEEPS = 5  # after which what is due is thought to stay so

_DUE = "SELECT seq, queue FROM bus_delivery WHERE due_at <= %s ORDER BY seq"
_NEXT = "SELECT min(due_at) FROM bus_delivery"


def by_bells_alone(world: World) -> list[tuple[Any, ...]]:
    """Answer every bell; returns what is due all the same."""
    world.be_calm()
    _answer_bells(world)
    return _due(world)


def come_to_rest(world: World, look: Callable[[], None]) -> list[tuple[Any, ...]]:
    """Answer bells, let people act, sweep, and wait for what is due later. Returns what cannot be done.

    When only deadlines are left there is something to `look` at: they make much good.
    """
    world.be_calm()
    swept, before, looked = 0, None, False
    for _ in range(_ROUNDS):
        _let_people_act(world)
        _answer_bells(world)
        due = _due(world)
        if due:
            swept = swept + 1 if due == before else 0
            if swept == _SWEEPS:
                return due
            before = due
            for domain in sorted({queue.removesuffix(".out") for _, queue in due}):
                world.take(Step("sweep", domain))
        elif later := _next(world):
            ahead = (later - world.clock.now()).total_seconds()
            if ahead > _RETRIES and not looked:
                looked = True
                look()
            world.clock.passed += ahead + (_LUMP if looked else 1)
        elif all(person.has_finished for person in world.people.values()):
            _sweep_all(world)
            return []
    return [("it never comes to rest",)]


def _sweep_all(world: World) -> None:
    """As workers do every two seconds, whether there is work or not."""
    for domain in domains():
        world.take(Step("sweep", domain))
    _answer_bells(world)


def _answer_bells(world: World) -> None:
    """Each queue once for all that rang for it, and those last to whom all others tell something."""
    for _ in range(_ROUNDS):
        if not world.redis.messages:
            return
        queue = min(set(world.redis.messages), key=lambda queue: (queue.startswith("notifications"), queue))
        world.redis.messages = [queue, *(other for other in world.redis.messages if other != queue)]
        world.take(Step("drain", queue))


def _let_people_act(world: World) -> None:
    for name in world.people:
        world.take(Step("act", name))


def _due(world: World) -> list[tuple[Any, ...]]:
    return world.observer.tell(_DUE, [world.clock.now()])


def _next(world: World) -> datetime | None:
    ((moment,),) = world.observer.tell(_NEXT, [])
    return moment  # type: ignore[no-any-return]  # a row of the database
