from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from inventory.models import StockLevel
from tests.flows import audit
from tests.flows.customers import Customer
from tests.processes import eventually


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs of a module leave their logs."""
    return tmp_path_factory.mktemp("flow")


@pytest.fixture
def plenty(mugs: StockLevel) -> StockLevel:
    """More mugs than anybody orders."""
    mugs.on_hand = 100_000
    mugs.save()
    return mugs


@pytest.fixture
def customer(url: str, ada_token: str) -> Iterator[Customer]:
    """Ada, over HTTP, at the `url` that the module gives."""
    customer = Customer(url, ada_token)
    yield customer
    customer.http.close()


def ask(question: str) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return rows


@pytest.fixture
def all_is_well(transactional_db: None) -> Callable[..., None]:
    """Wait until nothing is left to do, and hold every invariant against what is there."""

    def check(*, seconds: float = 60) -> None:
        eventually(lambda: audit.is_at_rest(ask), "everything comes to rest", seconds=seconds)
        assert audit.broken(ask) == {}

    return check
