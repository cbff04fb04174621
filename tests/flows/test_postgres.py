"""PostgreSQL is killed while customers keep ordering: what was answered with 201 is there, and everything ends."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from shop.runner import postgres as embedded
from shop.runner.ports import free_ports
from tests.flows import audit, programs
from tests.flows.customers import Customer, keep_ordering
from tests.flows.programs import Program, Web, running
from tests.problems import problem_of
from tests.processes import eventually
from tests.runner.conftest import fresh_home

pytestmark = pytest.mark.xdist_group("flows")

_PASSWORD = "only-for-the-flow"


class Postgres(Program):
    """A PostgreSQL of these tests' own."""

    url: str

    def start(self) -> None:
        super().start()
        eventually(self._answers, "PostgreSQL answers", seconds=60)

    def ask(self, question: str) -> Sequence[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(question).fetchall()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@pytest.fixture(scope="module")
def postgres(folder: Path) -> Iterator[Postgres]:
    (port,) = free_ports(1)
    with fresh_home(folder / "home") as home:
        embedded.make_cluster(home, _PASSWORD)
        postgres = Postgres(embedded.server(home, port), folder / "postgres.log")
        postgres.url = embedded.url(port, _PASSWORD)
        with running(postgres):
            yield postgres


@pytest.fixture(scope="module")
def environment(postgres: Postgres) -> dict[str, str]:
    return programs.environment(database=postgres.url, WORKERS="combined")


@pytest.fixture(scope="module")
def token(environment: dict[str, str], folder: Path) -> str:
    """A customer's token; the demo products are in stock."""
    _manage(environment, "migrate", "--verbosity", "0")
    _manage(environment, "seed", "--customers", "1", "--tokens", str(folder / "tokens"))
    return (folder / "tokens").read_text().strip()


def _manage(environment: dict[str, str], *command: str) -> None:
    subprocess.run([sys.executable, "manage.py", *command], cwd=settings.BASE_DIR, env=environment, check=True)


@pytest.fixture(scope="module")
def web(environment: dict[str, str], token: str, folder: Path) -> Iterator[Web]:
    """The web and a worker for everything, both with the PostgreSQL that is going to suffer."""
    web = Web(folder, environment)
    with running(web), programs.workers(folder, environment):
        yield web


@pytest.fixture
def customer(web: Web, token: str) -> Iterator[Customer]:
    customer = Customer(web.url, token)
    yield customer
    customer.http.close()


def test_orders_survive_a_database_that_is_killed_again_and_again(postgres: Postgres, web: Web, token: str) -> None:
    before = _orders(postgres)
    with keep_ordering(web.url, token) as crowd:
        for _ in range(2):
            crowd.until_more_are_placed()
            postgres.kill()
            time.sleep(0.5)
            postgres.start()
        crowd.until_more_are_placed()

    eventually(lambda: audit.is_at_rest(postgres.ask), "everything comes to rest", seconds=90)
    assert audit.broken(postgres.ask) == {}
    ended = _orders(postgres) - before
    assert ended == {(order["id"], "confirmed", "captured") for order in crowd.placed}


def _orders(postgres: Postgres) -> set[tuple[str, str, str]]:
    return {*map(tuple, postgres.ask("SELECT id::text, status, payment_status FROM orders_order"))}


def test_while_the_database_is_away_requests_are_refused_quickly_and_afterwards_all_is_well_soon(
    postgres: Postgres, customer: Customer
) -> None:
    postgres.kill()
    refusals = []
    began = time.monotonic()
    try:
        while time.monotonic() < began + 3:
            asked = time.monotonic()
            refusals.append((customer.order(), time.monotonic() - asked))
            time.sleep(0.2)
    finally:
        postgres.start()
    back = time.monotonic()
    order = customer.insist(key="after the outage")
    seconds_to_recover = time.monotonic() - back

    for answer, seconds in refusals:
        problem_of(answer, 503, "unavailable")
        assert answer.headers["Retry-After"] == "2"
        assert seconds < 4
    assert seconds_to_recover < 4
    assert customer.settled(order["id"])["status"] == "confirmed"


def test_a_locked_table_makes_requests_unavailable_within_seconds(postgres: Postgres, customer: Customer) -> None:
    with psycopg.connect(postgres.url) as connection:
        connection.execute("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        answer = customer.order(key="while locked")
        seconds = time.monotonic() - began
    order = customer.insist(key="while locked")

    problem_of(answer, 503, "unavailable")
    assert 2.5 < seconds < 5
    assert customer.settled(order["id"])["status"] == "confirmed"


def test_a_request_that_waits_for_nothing_is_not_held_up_by_one_that_does(
    postgres: Postgres, customer: Customer
) -> None:
    order = customer.insist(key="look at me")
    with psycopg.connect(postgres.url) as connection:
        connection.execute("LOCK TABLE api_idempotentanswer IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        seen = customer.look(order["id"])
        seconds = time.monotonic() - began

    assert seen["id"] == order["id"]
    assert seconds < 2
