"""`/metrics` and `manage.py doctor --workers` beside workers that are not there, that come, and that go again."""

from contextlib import redirect_stdout
from io import StringIO
from math import inf
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings
from redis import Redis

from orders.models import Order
from shop.bus.handlers import queues
from shop.operations import workers
from shop.users.models import User
from tests.bus.stage import handlers as _subscribed  # noqa: F401 - as they are when other tests ran before
from tests.conftest import StartWorker
from tests.operations.conftest import Figure
from tests.processes import eventually
from tests.runner.conftest import launch
from tests.shopping import place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]

QUEUES = ("orders", "payments", "payments.out", "inventory", "notifications", "notifications.out", "stage", "stage.out")


def _said() -> tuple[str, str]:
    """What the command says now, and how it fails."""
    with redirect_stdout(StringIO()) as said:
        try:
            call_command("doctor", workers=True)
        except CommandError as error:
            return said.getvalue(), str(error)
    return said.getvalue(), ""


@pytest.fixture
def nobody_came(settings: Settings) -> None:
    """Redis has just begun, and knows of no visit."""
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.flushdb()


@pytest.mark.usefixtures("mugs", "nobody_came")
def test_work_rises_while_no_worker_runs_and_falls_when_one_comes(
    ada: User, start_worker: StartWorker, figure: Figure, tmp_path: Path
) -> None:
    order = place(ada, {"MUG-BLUE": 1})

    assert (figure("shop_due", queue="inventory") or 0) >= 1
    assert figure("shop_worker_sessions") == 0
    assert figure("shop_unvisited_seconds", queue="inventory") == inf
    assert (figure("shop_due_age_seconds", queue="inventory") or 0) > 0
    told, failure = _said()
    assert "complaints about the workers" in failure
    assert "STUCK  inventory: no worker has ever looked after it" in told

    progress = tmp_path / "progress"
    with start_worker(*queues(), concurrency=3, PROGRESS_FILE=str(progress)):
        eventually(lambda: _is_captured(order.pk), "the order has come to its end", seconds=30)
        eventually(lambda: figure("shop_due", queue="notifications.out") == 0, "the mails are out")
        told, failure = _said()

        before = progress.stat().st_mtime_ns
        eventually(lambda: progress.stat().st_mtime_ns > before, "it makes progress without any work")
        assert (told.splitlines()[-1], failure) == ("Nothing is stuck.", "")
        assert (figure("shop_worker_sessions") or 0) >= 1
        assert figure("shop_handled_total", handler="inventory.reserve_stock") == 1
        assert (figure("shop_unvisited_seconds", queue="orders") or 60) < workers.STUCK

    assert figure("shop_due", queue="inventory") == 0


def _is_captured(order_id: UUID) -> bool:
    return Order.objects.get(pk=order_id).payment_status == "captured"


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    refused = launch(
        tmp_path / "log",
        "manage.py",
        "doctor",
        "--workers",
        environment={"DATABASE_URL": "postgresql://127.0.0.1:1/away"},
    )

    assert refused.process.wait(30) == 1
    assert refused.said == "CommandError: The database does not answer.\n"
