"""Fixtures of the bus's own tests."""

from collections.abc import Iterator
from copy import copy
from typing import Any

import psycopg
import pytest

from shop.bus import event, handlers
from tests.processes import database_url

Session = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture(autouse=True)
def own_declarations() -> Iterator[None]:
    """What a test declares and subscribes is forgotten when it ends; its queue is named after its module."""
    registries: list[dict[Any, Any]] = [event.events, handlers.handlers, handlers._by_event, handlers._locks]
    before = [{name: copy(known) for name, known in registry.items()} for registry in registries]
    yield
    for registry, known in zip(registries, before, strict=True):
        registry.clear()
        registry.update(known)


@pytest.fixture
def somebody_else(transactional_db: None) -> Iterator[Session]:
    """Another session of the same database; each of its statements commits at once unless it begins a transaction."""
    with psycopg.connect(database_url(), autocommit=True) as session:
        yield session
