"""A worker that lives and does nothing: whoever looks is told, and its supervisor ends it and starts another."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from shop.bus.models import Receipt
from shop.bus.tasks import drain
from shop.operations import workers
from shop.runner import processes
from shop.runner.children import Child
from shop.runner.supervisor import Supervisor
from shop.users.models import User
from tests.flows import programs
from tests.operations.conftest import Figure
from tests.processes import eventually
from tests.shopping import place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]

_STALLED = 4.0  # seconds; it looks after its queues twice a second


@pytest.fixture
def child(transactional_db: None, tmp_path: Path) -> Child:
    """The worker of orders as the stack starts it."""
    environment = programs.environment(SHOP_HOME=str(tmp_path))
    return next(each for each in processes.workers(settings.BASE_DIR, environment) if each.name == "orders")


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """It has less patience than usual. While it runs it listens to signals, and the tests do so afterwards."""
    monkeypatch.setattr("shop.runner.watch._STALLED", _STALLED)
    monkeypatch.setattr(workers, "STUCK", _STALLED / 2)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with Supervisor() as supervisor:
        yield supervisor
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("mugs")
def test_a_frozen_worker_is_reported_ended_and_started_again(
    supervisor: Supervisor, child: Child, figure: Figure, ada: User
) -> None:
    supervisor.start(child)
    progress = child.progress
    assert progress is not None
    assert supervisor.turn_until(lambda: progress.exists() and _complaints() == [], within=30), "it works"
    (watched,) = supervisor._all()
    assert watched.process is not None
    frozen = watched.process.pid
    os.killpg(frozen, signal.SIGSTOP)

    eventually(lambda: "orders: no worker has looked after it" in " ".join(_complaints()), "it is complained of")
    assert (figure("shop_unvisited_seconds", queue="orders") or 0) > _STALLED / 2
    place(ada, {"MUG-BLUE": 1})
    drain.run("inventory")  # here, so that orders hears that the stock is held

    assert supervisor.turn_until(lambda: "makes no progress, so it is ended" in watched.said, within=30)
    assert supervisor.turn_until(lambda: _complaints() == [] and not _due(), within=30), "another does the work"
    assert watched.process is not None
    assert watched.process.pid != frozen
    assert Receipt.objects.filter(handler="orders.note_stock_held").exists()


def _complaints() -> list[str]:
    return [each for each in workers.look().complaints if each.startswith(("orders:", "orders/"))]


def _due() -> int:
    return sum(each.due for each in workers.look().backlogs if each.queue == "orders")
