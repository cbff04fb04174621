"""Playing schedules: what stands for Redis, the clock and the outside is put in place, and each seed begins anew."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
import uuid_utils.compat
from django.db import connection
from django.utils import timezone

from payments import gateways
from payments.gateways import sandbox
from shop.bus import batch, calls, deliveries, housekeeping, pace, subscriptions, tasks
from shop.bus import flights as bus_flights
from shop.bus.handlers import handlers
from shop.grouping import Group
from shop.runner.processes import QUEUES
from shop.users.models import User
from tests.keys import key_of
from tests.shelves import offer
from tests.simulation import clock, flights, rest, verdict
from tests.simulation.choosing import Chance, Choices
from tests.simulation.clock import Clock
from tests.simulation.flights import InPlace
from tests.simulation.identity import Ids
from tests.simulation.scenario import PRICES, scenario
from tests.simulation.steps import Step
from tests.simulation.stories import stories as stories_of
from tests.simulation.verdict import Broken
from tests.simulation.world import World

_OURS = ("orders_", "payments_", "inventory_", "notifications_", "bus_", "api_", "catalogue_availability")
_KEPT = ("bus_subscription",)
_TABLES = """
SELECT oid::regclass::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
ORDER BY 1
"""


@dataclass(frozen=True)
class Played:
    """What came of a schedule: what must hold and does not, the steps that were taken, and where they led."""

    seed: int
    broken: Broken
    steps: list[Step]
    stories: list[str]
    trail: list[str]

    def __str__(self) -> str:
        claims = [f"  {claim}: {list(rows)}" for claim, rows in self.broken.items()]
        steps = [f"  {line}" for step in self.steps for line in step.told()]
        return "\n".join([f"seed {self.seed} breaks", *claims, "steps", *steps, "stories", *self.stories])


class Simulation:
    """Plays schedules, one after the other."""

    def __init__(self, tokens: dict[str, str], patch: pytest.MonkeyPatch) -> None:
        self._tokens = tokens
        self._patch = patch
        with connection.cursor() as cursor:
            cursor.execute(_TABLES)
            names = [name for (name,) in cursor.fetchall() if name.startswith(_OURS) and name not in _KEPT]
        self._empty = "; ".join(f"DELETE FROM {name}" for name in names)
        self.schedules = 0
        self.happened: Counter[str] = Counter()
        self.met: Counter[tuple[str, str]] = Counter()
        self.points = 0

    def play(self, seed: int, choices: Choices | None = None) -> Played:
        """Play one schedule; by chance unless somebody else chooses."""
        with connection.cursor() as cursor:
            cursor.execute(self._empty)
        asked, moving = scenario(seed), Clock()
        self._put_in_place(moving, seed)
        with World(asked, choices or Chance(seed, sweeps=asked.sweeps), moving, self._tokens) as world:
            broken = _broken(world)
            stories = stories_of(world) if broken else []
        self.schedules += 1
        self.happened += world.happened
        self.met += world.met
        self.points += len(world.trail)
        return Played(seed, broken, world.steps, stories, world.trail)

    def _put_in_place(self, moving: Clock, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - to be had again
        self._patch.setattr(flights, "time", moving)
        for module in (tasks, batch, calls, bus_flights, housekeeping, pace, sandbox):
            self._patch.setattr(module, "time", moving)
        for module in (tasks, batch, deliveries, flights):
            self._patch.setattr(module, "random", chance)
        self._patch.setattr(uuid_utils.compat, "_uuid7_int", Ids(moving, seed))


def _broken(world: World) -> Broken:
    world.play()
    if not world.scenario.sweeps and (due := rest.by_bells_alone(world)):
        return {"what is rung for is done": due}
    early: Broken = {}
    left = rest.come_to_rest(world, lambda: early.update(verdict.broken_at_any_time(world)))
    return early | ({"what is due is done": left} if left else {}) | verdict.broken(world)


@contextmanager
def simulation() -> Iterator[Simulation]:
    """Put everything in place for a while; wants a database of its own for so long."""
    clock.install()
    subscriptions.note()
    with pytest.MonkeyPatch.context() as patch:
        _settle(patch)
        logging.disable(logging.CRITICAL)
        yield Simulation(_tokens(), patch)
    logging.disable(logging.NOTSET)
    gateways.gateway.cache_clear()


def _settle(patch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    patch.setattr(settings, "PAYMENT_GATEWAY", "tests.simulation.outside.Gateway")
    patch.setattr(settings, "EMAIL_BACKEND", "tests.simulation.outside.MailServer")
    patch.setattr(settings, "BUS_SPACING", 0.0)
    patch.setattr(bus_flights, "Crew", InPlace)
    ask = Group.ask
    patch.setattr(Group, "ask", lambda group, wish: ask(Group(group._do), wish))  # each process has groups of its own
    for name in _strangers():
        patch.delitem(handlers, name)
    gateways.gateway.cache_clear()


def _strangers() -> list[str]:
    """Handlers that other tests have left in this process: with them a seed would be another schedule."""
    return [name for name in handlers if name.partition(".")[0] not in QUEUES]


def _tokens() -> dict[str, str]:
    """Who asks, and what there is to buy."""
    for sku, amount in PRICES.items():
        offer(sku, sku.lower(), amount=amount)
    people = {
        "customer": User.objects.create_user("ada@example.com", name="Ada"),
        "staff": User.objects.create_user("boss@example.com", is_staff=True, is_superuser=True),
    }
    tokens = {}
    for name, user in people.items():
        tokens[name], key = key_of(user)
        key.last_used_at = timezone.now() + timedelta(days=1)  # so that no request has to note it
        key.save()
    return tokens
