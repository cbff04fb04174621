"""Valkey is emptied, killed and frozen while customers keep ordering: it only rings the bells."""

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from inventory.models import StockLevel
from orders.models import Order
from shop.runner import valkey as embedded
from shop.runner.ports import answers, free_ports
from tests.flows import programs
from tests.flows.customers import Crowd, Customer, keep_ordering
from tests.flows.programs import Program, Web, running
from tests.processes import eventually
from tests.runner.conftest import fresh_home

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("flows")]

AllIsWell = Callable[..., None]
_PASSWORD = "only-for-the-bells"


class Valkey(Program):
    """A Valkey of these tests' own."""

    port: int

    def start(self) -> None:
        super().start()
        eventually(lambda: answers(self.port), "Valkey answers")


@pytest.fixture(scope="module")
def valkey(folder: Path) -> Iterator[Valkey]:
    (port,) = free_ports(1)
    with fresh_home(folder / "home") as home:
        valkey = Valkey(embedded.server(home, port, _PASSWORD), folder / "valkey.log")
        valkey.port = port
        with running(valkey):
            yield valkey


@pytest.fixture(scope="module")
def web(valkey: Valkey, django_db_setup: None, folder: Path) -> Iterator[Web]:
    """The web and a worker for everything, both with the Valkey that is going to suffer."""
    environment = programs.environment(redis=embedded.url(valkey.port, _PASSWORD), WORKERS="combined")
    web = Web(folder, environment)
    with running(web), programs.workers(folder, environment):
        yield web


@pytest.fixture
def url(web: Web) -> str:
    return web.url


def _assert_all_went_through(*crowds: Crowd) -> None:
    placed = sum(len(crowd.placed) for crowd in crowds)
    assert Order.objects.filter(status="confirmed", payment_status="captured").count() == placed
    assert StockLevel.objects.get().reserved == placed


def _assert_nobody_waited(before: list[float], meanwhile: list[float]) -> None:
    """Whoever waits for Redis waits for a time-out of seconds."""
    assert statistics.median(meanwhile) < 3 * statistics.median(before) + 0.05
    assert max(meanwhile) < 2


def test_a_valkey_that_is_emptied_again_and_again_loses_no_order(
    valkey: Valkey, web: Web, ada_token: str, plenty: StockLevel, all_is_well: AllIsWell
) -> None:
    client = redis.Redis(port=valkey.port, password=_PASSWORD)

    with keep_ordering(web.url, ada_token) as crowd:
        crowd.until_more_are_placed()
        for _ in range(30):
            time.sleep(0.05)
            client.flushall()

    client.close()
    all_is_well()
    _assert_all_went_through(crowd)


def test_a_valkey_that_is_killed_and_comes_back_empty_loses_no_order_and_slows_no_request_down(
    valkey: Valkey, web: Web, ada_token: str, plenty: StockLevel, all_is_well: AllIsWell
) -> None:
    with keep_ordering(web.url, ada_token) as before:
        before.until_more_are_placed(10)
    with keep_ordering(web.url, ada_token) as crowd:
        for _ in range(2):
            crowd.until_more_are_placed()
            valkey.kill()
            time.sleep(0.7)
            valkey.start()

    all_is_well()
    _assert_all_went_through(before, crowd)
    _assert_nobody_waited(before.seconds, crowd.seconds)


def test_a_valkey_that_is_frozen_slows_no_request_down(
    valkey: Valkey, customer: Customer, plenty: StockLevel, all_is_well: AllIsWell
) -> None:
    before = _seconds_of_orders(customer, 20)
    valkey.freeze()
    try:
        meanwhile = _seconds_of_orders(customer, 30)
    finally:
        valkey.thaw()

    all_is_well()
    _assert_nobody_waited(before, meanwhile)
    assert Order.objects.filter(status="confirmed", payment_status="captured").count() == 50


def _seconds_of_orders(customer: Customer, count: int) -> list[float]:
    """How long each of some orders took to be answered, spread over two seconds or so."""
    seconds = []
    for _ in range(count):
        began = time.monotonic()
        assert customer.order().status_code == 201
        seconds.append(time.monotonic() - began)
        time.sleep(0.05)
    return seconds
