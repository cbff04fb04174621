"""Our own programs die at any moment while customers keep ordering: nothing is lost, and nothing happens twice."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inventory.models import StockLevel
from orders.models import Order
from tests.flows import programs
from tests.flows.customers import Customer, keep_ordering
from tests.flows.programs import Program, Web, await_ready, running
from tests.processes import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("flows")]

AllIsWell = Callable[..., None]


@pytest.fixture(scope="module")
def environment(django_db_setup: None) -> dict[str, str]:
    return programs.environment(WORKERS="combined")


@pytest.fixture(scope="module")
def web(environment: dict[str, str], folder: Path) -> Iterator[Web]:
    web = Web(folder, environment)
    with running(web):
        yield web


@pytest.fixture
def url(web: Web) -> str:
    return web.url


@pytest.fixture(scope="module")
def worker(environment: dict[str, str], folder: Path) -> Iterator[Program]:
    with programs.workers(folder, environment) as workers:
        yield workers["workers"]


def test_children_of_a_worker_that_are_killed_lose_nothing_and_repeat_nothing(
    web: Web, worker: Program, ada_token: str, plenty: StockLevel, all_is_well: AllIsWell
) -> None:
    with keep_ordering(web.url, ada_token) as crowd:
        for _ in range(8):
            crowd.until_more_are_placed(2)
            worker.kill_child()
            eventually(lambda: len(worker.process.children) == 3, "the child has a successor")

    all_is_well()
    _assert_everybody_got_their_mug(crowd.placed)


def test_a_worker_that_is_killed_loses_nothing_and_repeats_nothing(
    web: Web, worker: Program, ada_token: str, plenty: StockLevel, all_is_well: AllIsWell
) -> None:
    with keep_ordering(web.url, ada_token) as crowd:
        for kill in (worker.kill_main, worker.kill):
            crowd.until_more_are_placed()
            kill()
            worker.start()
            await_ready([worker])

    all_is_well()
    _assert_everybody_got_their_mug(crowd.placed)


def test_a_web_process_that_is_killed_loses_no_order_that_it_answered_and_doubles_none(
    web: Web, worker: Program, ada_token: str, plenty: StockLevel, all_is_well: AllIsWell
) -> None:
    with keep_ordering(web.url, ada_token) as crowd:
        for _ in range(2):
            crowd.until_more_are_placed()
            web.kill()
            web.start()

    all_is_well()
    _assert_everybody_got_their_mug(crowd.placed)


def test_a_worker_that_is_frozen_holds_nobody_up_for_longer_than_it_is(
    web: Web, worker: Program, ada_token: str, plenty: StockLevel, all_is_well: AllIsWell
) -> None:
    with keep_ordering(web.url, ada_token) as crowd:
        crowd.until_more_are_placed()
        worker.freeze()
        time.sleep(1.5)
        worker.thaw()

    all_is_well()
    _assert_everybody_got_their_mug(crowd.placed)


def _assert_everybody_got_their_mug(placed: list[dict[str, object]]) -> None:
    """Each answer was an order of its own, and there are no others."""
    assert len(placed) >= 5, "too few to mean anything"
    assert sorted(str(order["id"]) for order in placed) == sorted(map(str, Order.objects.values_list("pk", flat=True)))
    assert set(Order.objects.values_list("status", "payment_status")) == {("confirmed", "captured")}
    assert StockLevel.objects.get().reserved == len(placed)


def test_the_shop_is_well_after_all_of_this(
    customer: Customer, worker: Program, plenty: StockLevel, all_is_well: AllIsWell
) -> None:
    order = customer.settled(customer.order().json()["id"], seconds=5)

    assert order["status"] == "confirmed"
    all_is_well()
