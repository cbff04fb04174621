"""Every program is asked to end while it is at work: what it has begun it finishes, or leaves whole to the next."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest

from inventory.models import StockLevel
from shop.bus import gather, publish
from shop.bus.models import DeadLetter, Delivery, Marker, Receipt
from tests.books import Balance, balance
from tests.bus.stage import handlers as _subscribed  # noqa: F401 - so that what is published here is delivered
from tests.bus.stage import notes
from tests.bus.stage.events import Cued
from tests.conftest import StartWorker
from tests.flows import programs
from tests.flows.customers import Customer
from tests.flows.programs import Program, Web, running
from tests.processes import database_url, eventually
from tests.shopping import PAYS_SLOWLY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("flows")]


@pytest.fixture(scope="module")
def environment(django_db_setup: None) -> dict[str, str]:
    return programs.environment()


@pytest.fixture
def web(environment: dict[str, str], folder: Path) -> Iterator[Web]:
    web = Web(folder, environment)
    with running(web):
        yield web


@pytest.fixture
def url(web: Web) -> str:
    return web.url


@pytest.fixture(scope="module")
def workers(environment: dict[str, str], folder: Path) -> Iterator[dict[str, Program]]:
    with programs.workers(folder, environment) as workers:
        yield workers


def test_a_web_that_is_asked_to_end_answers_what_it_was_asked_before(
    web: Web, customer: Customer, plenty: StockLevel
) -> None:
    process = web.process.process
    with ThreadPoolExecutor(4) as threads, psycopg.connect(database_url()) as somebody_else:
        somebody_else.execute("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
        answers = [threads.submit(customer.order) for _ in range(4)]
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'orders_order'::regclass"
        eventually(lambda: somebody_else.execute(waiting).fetchone() == (4,), "four requests wait for a lock")
        process.terminate()
        time.sleep(0.5)  # let it hear of that
        somebody_else.rollback()

    assert [answer.result().status_code for answer in answers] == [201] * 4
    assert process.wait(10) == 0
    with pytest.raises(httpx.TransportError):
        customer.order()


def test_a_worker_that_is_asked_to_end_finishes_what_it_has_in_hand_and_nothing_counts_as_failed(
    start_worker: StartWorker,
) -> None:
    with start_worker("stage") as first:
        with gather():
            for number in range(1000):
                publish(Cued(scene="a", number=number))
        eventually(lambda: Marker.objects.exclude(seqs=[]).exists(), "a batch is in hand")
        first.process.terminate()
        status = first.process.wait(20)
        left, done = Delivery.objects.count(), Receipt.objects.count()
        tried = Delivery.objects.filter(attempts__gt=0).count()
        in_hand = Marker.objects.exclude(seqs=[]).count()

    with start_worker("stage"):
        eventually(lambda: not Delivery.objects.exists(), "the next one does the rest", seconds=30)

    assert (status, left + done, tried, in_hand) == (0, 1000, 0, 0)
    assert sorted(notes.numbers("play")) == [*range(1000)]
    assert not DeadLetter.objects.exists()


def test_a_call_that_is_out_when_its_worker_is_asked_to_end_is_neither_lost_nor_made_twice(
    workers: dict[str, Program], customer: Customer, plenty: StockLevel, all_is_well: Callable[..., None]
) -> None:
    order = customer.order(method=PAYS_SLOWLY).json()
    eventually(lambda: Marker.objects.exclude(seqs=[]).filter(queue="payments.out").exists(), "the gateway is asked")

    workers["payments"].stop()
    workers["payments"].start()

    assert customer.settled(order["id"])["payment_status"] == "captured"
    all_is_well()
    assert balance() == Balance(taken=1200)


def test_a_storm_of_stops_in_the_middle_of_work_loses_nothing(
    workers: dict[str, Program], customer: Customer, plenty: StockLevel, all_is_well: Callable[..., None]
) -> None:
    placed = []
    for name, number in (("inventory", signal.SIGTERM), ("payments", signal.SIGQUIT)):
        placed += [customer.insist() for _ in range(5)]
        os.kill(workers[name].process.pid, number)
        workers[name].bury()
        workers[name].start()

    ended = [customer.settled(order["id"])["status"] for order in placed]
    all_is_well()
    assert ended == ["confirmed"] * 10
    assert balance() == Balance(taken=10 * 1200)
