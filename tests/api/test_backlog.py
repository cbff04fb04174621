"""Whoever asks for work is told that the shop is far behind; and nobody waits or fails for that figure's sake."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.http import HttpResponse
from pytest_django import Settings
from rest_framework.test import APIClient

from shop.api import backlog
from shop.api.backlog import HEADER
from shop.bus.models import Delivery
from shop.clock import ShopNow
from tests.processes import database_url, eventually
from tests.shopping import order_json

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mugs")]


@pytest.fixture(autouse=True)
def in_a_fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "_gauge", None)


def _leave_undone(seconds: float) -> None:
    due_at = ShopNow() - timedelta(seconds=seconds)
    Delivery.objects.create(event_id=uuid4(), handler="orders.confirm", queue="orders", lane=0, due_at=due_at)


def _place(api: APIClient, key: str = "one") -> Any:  # DRF's test response has no type of its own
    answer = api.post("/api/v1/orders", order_json(), format="json", headers={"Idempotency-Key": key})
    assert answer.status_code == 201
    return answer


def test_who_places_an_order_is_told_how_far_behind_the_shop_is(api: APIClient) -> None:
    _leave_undone(95)
    _leave_undone(30)

    told = eventually(lambda: _place(api).headers.get(HEADER), "the figure is learnt")

    assert 95 <= int(told) < 125
    assert HEADER not in api.get("/api/v1/orders").headers, "who only looks gives nobody work"


def test_who_places_an_order_while_little_is_due_is_told_nothing(api: APIClient) -> None:
    _leave_undone(30)

    assert _answers(api) == {None}


def test_how_far_is_far_is_a_setting(api: APIClient, settings: Settings) -> None:
    settings.BUS_FAR_BEHIND = 10.0
    _leave_undone(30)

    assert 30 <= int(eventually(lambda: _place(api).headers.get(HEADER), "the figure is learnt")) < 60


def test_an_answer_that_is_given_again_tells_of_now_and_not_of_then(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _leave_undone(95)
    eventually(lambda: _place(api).headers.get(HEADER), "the figure is learnt")
    Delivery.objects.all().delete()
    monkeypatch.setattr(backlog, "_gauge", None)

    assert _answers(api) == {None}


def test_what_cannot_be_learnt_is_not_told_and_nobody_fails(api: APIClient) -> None:
    """Somebody has locked the table, and the session that asks is ended."""
    _leave_undone(95)
    eventually(lambda: _place(api).headers.get(HEADER), "the figure is learnt")
    gauge = backlog._the_gauge()

    with psycopg.connect(database_url()) as other, ThreadPoolExecutor(1) as threads:
        other.execute("LOCK TABLE bus_delivery")
        asking = threads.submit(gauge.ask)
        eventually(lambda: other.execute(_END_WHO_WAITS).fetchone(), "the question is broken off")
        asking.result(10)

    assert HEADER in _place(api).headers, "what was learnt lately is still told"
    gauge.known_at = time.monotonic() - backlog._KNOWN
    assert HEADER not in _place(api).headers, "and later it is not known any more"
    gauge.ask()
    assert HEADER in _place(api).headers


def test_a_thousand_answers_ask_nobody(
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    _leave_undone(95)
    gauge = backlog._the_gauge()
    gauge.ask()

    with django_assert_num_queries(0):
        told = {backlog.tell_backlog(HttpResponse()).headers.get(HEADER) for _ in range(1000)}

    (seconds,) = told
    assert int(seconds or 0) >= 95


_END_WHO_WAITS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'shop autonomous' AND wait_event_type = 'Lock' AND datname = current_database()
"""


def _answers(api: APIClient) -> set[str | None]:
    """What is told before and after the figure was learnt."""
    told = {_place(api).headers.get(HEADER)}
    gauge = backlog._the_gauge()
    eventually(lambda: gauge.known_at > 0, "the figure is learnt")
    return told | {_place(api).headers.get(HEADER)}
