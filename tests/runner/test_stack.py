"""The whole stack, with real servers, web and workers, in a home to throw away."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from shop.runner.home import Home
from tests.processes import eventually
from tests.runner.conftest import CHECKOUT, Start, Started, fresh_home, is_alive, launch, without_servers
from tests.shopping import order_json

UP = ("manage.py", "up", "--port", "0")


@pytest.fixture(scope="module")
def shop_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with fresh_home(tmp_path_factory.mktemp("stack") / "home") as home:
        yield home


@pytest.fixture(scope="module")
def stacks(shop_home: Home) -> Iterator[list[Started]]:
    """Those that were started in the home of this module; all but the last have been killed."""
    stacks: list[Started] = []
    yield stacks
    for stack in stacks:
        stack.stop()


@pytest.fixture
def stack(stacks: list[Started], shop_home: Home) -> Started:
    """A stack that runs while the tests of this module look at it; who kills it leaves its home to the next."""
    if not stacks or stacks[-1].process.poll() is not None:
        log = shop_home.folder / f"log-{len(stacks)}.txt"
        stacks.append(launch(log, *UP, environment={"SHOP_HOME": str(shop_home.folder)}))
        stacks[-1].until_it_says("Ctrl-C stops it", seconds=90)
        up = "four workers and their six children are up"
        eventually(lambda: len(running(stacks[-1], "celery")) == 10, up, seconds=60)
    return stacks[-1]


def url_of(stack: Started) -> str:
    return stack.said.partition("Shop      ")[2].split()[0]


def note_of(home: Home) -> dict[str, str]:
    note: dict[str, str] = json.loads((home.folder / "running.json").read_text())
    return note


def family(pid: int) -> set[int]:
    """The process and all that descend from it by way of living parents; any of them may end while we look."""
    children = [int(child) for child in _contents(Path(f"/proc/{pid}/task/{pid}/children")).split()]
    return {pid}.union(*(family(child) for child in children))


def running(stack: Started, program: str) -> set[int]:
    """The processes of the stack whose command line names the program."""
    return {pid for pid in family(stack.pid) if program.encode() in _contents(Path(f"/proc/{pid}/cmdline"))}


def postmaster_of(home: Home) -> int | None:
    """The server's first process, as it noted itself; its children look like it until they have a title."""
    note = _contents(home.state / "postgres" / "cluster" / "postmaster.pid").split()
    return int(note[0]) if note else None


def bear_the_mark_of(home: Home) -> set[int]:
    """Processes with the home in their environment, whoever is their parent now."""
    mark = f"SHOP_HOME={home.folder}".encode()
    return {int(file.parent.name) for file in Path("/proc").glob("[0-9]*/environ") if mark in _contents(file)}


def _contents(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def test_the_first_start_migrates_seeds_and_says_where_everything_is(stack: Started) -> None:
    url = url_of(stack)

    assert httpx.get(f"{url}/dev/mailbox?format=json").is_success
    assert httpx.get(url).json()["orders"] == "/api/v1/orders"
    assert f"{url}/dev/mailbox" in stack.said
    assert "customer@example.com" in stack.said


def test_a_second_start_in_the_same_home_says_where_the_first_runs(
    stack: Started, start: Start, shop_home: Home
) -> None:
    second = start(*UP, "--home", str(shop_home.folder))

    assert second.process.wait(30) == 1
    assert second.said == f"A stack is running here already: {url_of(stack)} (pid {stack.pid}).\n"


def test_a_taken_port_is_refused_before_anything_starts(stack: Started, start: Start, another_home: Home) -> None:
    port = int(url_of(stack).rpartition(":")[2])

    second = start("manage.py", "up", "--home", str(another_home.folder), "--port", str(port))

    assert second.process.wait(30) == 1
    assert second.said == f"Port {port} is taken; choose another with PORT={port + 1} make run.\n"
    assert not (another_home.state / "keys.json").exists()


def test_a_database_of_ones_own_without_a_secret_of_ones_own_is_refused(start: Start) -> None:
    refused = start(*UP, environment={"DATABASE_URL": "postgresql://127.0.0.1:1/real"})

    assert refused.process.wait(30) == 1
    assert refused.said == "DATABASE_URL given, so this is no stack to play with: set SECRET_KEY too.\n"


def test_another_home_has_a_stack_of_its_own_beside_the_first(
    stack: Started, start: Start, shop_home: Home, another_home: Home
) -> None:
    other = start(*UP, "--no-seed", "--home", str(another_home.folder))
    other.until_it_says("Ctrl-C stops it", seconds=90)

    assert url_of(other) != url_of(stack)
    assert note_of(another_home)["DATABASE_URL"] != note_of(shop_home)["DATABASE_URL"]
    assert "customer@example.com" not in other.said
    assert other.stop(signal.SIGINT) == 0
    assert not (another_home.folder / "running.json").exists()
    assert not bear_the_mark_of(another_home)


def test_a_killed_postgres_comes_back_and_everybody_finds_it_again(stack: Started, shop_home: Home) -> None:
    ours = running(stack, "celery") | running(stack, "granian")
    before = postmaster_of(shop_home)
    assert before

    os.kill(before, signal.SIGKILL)

    eventually(lambda: postmaster_of(shop_home) not in {before, None}, "PostgreSQL is started again")
    eventually(lambda: can_read_mails(stack), "the web answers from the database")
    url = note_of(shop_home)["DATABASE_URL"]  # the same port, the same data
    with psycopg.connect(url, autocommit=True) as connection:  # in one transaction, activity looks always the same
        assert connection.execute("SELECT count(*) FROM users_user").fetchone() == (2,)
        backends = "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'shop worker'"
        eventually(lambda: connection.execute(backends).fetchone() == (True,), "the workers are back")
    assert ours == running(stack, "celery") | running(stack, "granian")


def can_read_mails(stack: Started) -> bool:
    return httpx.get(f"{url_of(stack)}/dev/mailbox?format=json", timeout=10).is_success


def test_a_stack_that_is_stopped_with_orders_on_their_way_takes_them_up_where_they_were(
    stack: Started, start: Start, shop_home: Home
) -> None:
    seed = [sys.executable, "manage.py", "seed", "--token", "customer@example.com"]
    token = subprocess.check_output(
        seed, text=True, env=without_servers() | {"SHOP_HOME": str(shop_home.folder)}, cwd=CHECKOUT
    )
    placed = [order(url_of(stack), token.strip(), str(key)) for key in range(5)]

    assert stack.stop() == 0
    assert not bear_the_mark_of(shop_home)

    again = start(*UP, "--home", str(shop_home.folder))
    again.until_it_says("Ctrl-C stops it", seconds=60)
    with psycopg.connect(note_of(shop_home)["DATABASE_URL"], autocommit=True) as connection:
        ended = "SELECT count(*) FROM orders_order WHERE id::text = ANY(%s) AND payment_status = 'captured'"
        eventually(lambda: connection.execute(ended, [placed]).fetchone() == (5,), "all are paid for", seconds=60)
    assert again.stop() == 0


def order(url: str, token: str, key: str) -> str:
    """Place an order; its id."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"on its way, number {key}"}
    answer = httpx.post(f"{url}/api/v1/orders", json=order_json(), headers=headers, timeout=30).raise_for_status()
    return str(answer.json()["id"])


def test_a_killed_supervisor_leaves_nobody_and_the_next_start_finds_the_data(
    stack: Started, start: Start, shop_home: Home
) -> None:
    everybody = family(stack.pid) | bear_the_mark_of(shop_home)
    with psycopg.connect(note_of(shop_home)["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    stack.process.kill()
    stack.process.wait()

    eventually(lambda: not any(map(is_alive, everybody)), "the whole family is gone", seconds=30)
    assert not bear_the_mark_of(shop_home)

    again = start(*UP, "--home", str(shop_home.folder))
    again.until_it_says("Ctrl-C stops it")
    with psycopg.connect(note_of(shop_home)["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert "migrate" not in again.said
    assert "customer@example.com" in again.said
