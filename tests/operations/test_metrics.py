"""What a scrape costs, and what it shows when servers are away or many processes share a port."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, connection

from shop.bus.models import Delivery
from shop.clock import ShopNow
from shop.operations import metrics
from tests.operations.conftest import Figure, figure_in


def test_the_database_is_asked_once_however_often_one_scrapes(figure: Figure) -> None:
    figure("shop_database_up")

    with connection.execute_wrapper(lambda *_: pytest.fail("the database was asked again")):
        text = metrics.text()

    assert figure_in(text.decode(), "shop_database_up") == 1


def test_while_the_database_is_away_the_rest_is_shown(figure: Figure) -> None:
    def away(*_: object) -> None:
        raise DatabaseError

    with connection.execute_wrapper(away):
        assert figure("shop_database_up") == 0
        assert figure("shop_due", queue="orders") is None
        assert figure("shop_redis_circuit_open", who="bells") is not None

    assert figure("shop_due", queue="orders") == 0


def test_a_queue_whose_work_has_been_due_for_long_is_far_behind(figure: Figure) -> None:
    due_at = ShopNow() - timedelta(seconds=95)
    Delivery.objects.create(event_id=uuid4(), handler="orders.confirm", queue="orders", lane=0, due_at=due_at)

    assert figure("shop_far_behind", queue="orders") == 1
    assert figure("shop_far_behind", queue="payments") == 0


def test_a_scrape_takes_a_handful_of_questions(figure: Figure) -> None:
    asked: list[str] = []

    def count(execute, sql, *rest):  # type: ignore[no-untyped-def]  # Django's own hook
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        figure("shop_due")

    assert len(asked) <= 10


_CROWD = """
import os, django
django.setup()
from django.test import RequestFactory
from shop.operations import metrics, requests

for _ in range(3):
    if os.fork() == 0:
        request = RequestFactory().get("/")
        request.resolver_match = None
        requests.note(request, 404, 0.01)
        os._exit(0)
for _ in range(3):
    os.wait()
print(metrics.text().decode())
"""


def test_processes_of_one_web_server_count_together(tmp_path: Path) -> None:
    shared = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "shop.settings"}

    said = subprocess.run(
        [sys.executable, "-c", _CROWD],
        env=os.environ | shared | {"DATABASE_URL": "postgresql://127.0.0.1:1/absent"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert figure_in(said.stdout, "shop_requests_total", route="none") == 3
    assert figure_in(said.stdout, "shop_database_up") == 0
