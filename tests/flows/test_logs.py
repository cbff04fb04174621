"""What web and workers write about an order: enough to follow it, and nothing about the person."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.flows import programs
from tests.flows.customers import Customer
from tests.flows.programs import Program, Web, running
from tests.processes import eventually
from tests.shopping import ADDRESS, order_json

pytestmark = [
    pytest.mark.usefixtures("mugs"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("flows"),
]

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def environment(django_db_setup: None) -> dict[str, str]:
    return programs.environment(LOG_FORMAT="json")


@pytest.fixture(scope="module")
def url(environment: dict[str, str], folder: Path) -> Iterator[str]:
    web = Web(folder, environment)
    with running(web):
        yield web.url


@pytest.fixture(scope="module")
def workers(environment: dict[str, str], folder: Path) -> Iterator[dict[str, Program]]:
    with programs.workers(folder, environment) as workers:
        yield workers


def test_an_order_is_followed_from_the_request_into_every_worker_and_nobody_is_named(
    customer: Customer,
    workers: dict[str, Program],
    folder: Path,
    all_is_well: Callable[..., None],
) -> None:
    headers = {"Idempotency-Key": str(uuid4()), "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}

    placed = customer.http.post("/orders", json=order_json(), headers=headers)
    customer.settled(placed.json()["id"])
    all_is_well()

    request_id = placed.headers["X-Request-Id"]
    eventually(lambda: _told_by(folder, request_id) >= {"web", *workers}, "all have told of it")
    lines = [line for each in folder.glob("*.log") for line in _lines(each) if line.get("request_id") == request_id]
    assert {line["trace_id"] for line in lines} == {TRACE}
    assert len({line["actor"] for line in lines}) == 1
    assert all(line["event_id"] for line in lines if line["logger"].startswith("shop.bus"))
    written = "".join(each.read_text() for each in folder.glob("*.log"))
    for personal in ("ada@example.com", ADDRESS["line1"], ADDRESS["postal_code"], ADDRESS["name"], customer.token):
        assert personal not in written


def _told_by(folder: Path, request_id: str) -> set[str]:
    """Whose logs have a line about the request, in the context of it."""
    return {
        each.stem for each in folder.glob("*.log") if any(line.get("request_id") == request_id for line in _lines(each))
    }


def _lines(log: Path) -> list[dict[str, Any]]:
    """A log's lines; all of them are JSON but those that Celery prints as it ends."""
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
