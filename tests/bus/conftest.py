"""Fixtures of the bus's own tests."""

from collections.abc import Iterator
from copy import copy
from typing import Any

import psycopg
import pytest

from shop.bus import DeadLetterOpened, batch, event, handlers, tasks, upcasters
from tests.processes import database_url

Session = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture(autouse=True)
def own_declarations() -> Iterator[None]:
    """What a test declares and subscribes is forgotten when it ends; its queue is named after its module.

    Of dead letters nobody hears but who subscribes in the test: a domain's delivery would stand among its own.
    """
    registries: list[dict[Any, Any]] = [
        *(event.events, upcasters.steps),
        *(handlers.handlers, handlers._by_event, handlers._locks),
    ]
    before = [{name: copy(known) for name, known in registry.items()} for registry in registries]
    handlers._by_event.pop(DeadLetterOpened.name, None)
    yield
    for registry, known in zip(registries, before, strict=True):
        registry.clear()
        registry.update(known)


@pytest.fixture
def somebody_else(transactional_db: None) -> Iterator[Session]:
    """Another session of the same database; each of its statements commits at once unless it begins a transaction."""
    with psycopg.connect(database_url(), autocommit=True) as session:
        yield session


class StoppedTime:
    """Seconds as drains see them: they pass only where somebody sleeps them."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    perf_counter = monotonic

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def stopped_time(monkeypatch: pytest.MonkeyPatch) -> StoppedTime:
    """Drains of this test have no other time than this, and remember none of before."""
    time = StoppedTime()
    for module in (batch, tasks):
        monkeypatch.setattr(module, "time", time)
    monkeypatch.setattr(tasks, "_began", {})
    return time
