"""The embedded PostgreSQL, with its real programs. Crashes of the server are in test_stack.py."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from shop.runner import ports, postgres
from shop.runner.children import spawn
from shop.runner.home import Home
from tests.processes import eventually
from tests.runner.conftest import fresh_home

PASSWORD = "a-password"


@contextmanager
def serving(home: Home) -> Iterator[int]:
    """The port of this home's server."""
    (port,) = ports.free_ports(1)
    server = postgres.server(home, port)
    process = spawn(server, output=subprocess.DEVNULL)
    try:
        eventually(lambda: postgres.is_ready(home, port), "PostgreSQL is ready")
        yield port
    finally:
        process.send_signal(server.stop_with)
        process.wait()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home whose cluster was made after somebody had been interrupted while making it."""
    with fresh_home(tmp_path_factory.mktemp("postgres") / "home") as home:
        postgres._make_owned(home.state / "postgres", home)
        (home.state / "postgres" / "unfinished" / "base").mkdir(parents=True)
        postgres.make_cluster(home, PASSWORD)
        yield home


def test_a_cluster_whose_making_was_interrupted_is_made_anew_and_then_kept(made: Home) -> None:
    with serving(made) as port, psycopg.connect(postgres.url(port, PASSWORD)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    postgres.make_cluster(made, PASSWORD)

    with serving(made) as port, psycopg.connect(postgres.url(port, PASSWORD)) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_the_server_keeps_what_it_confirms_and_asks_for_the_password(made: Home) -> None:
    with serving(made) as port:
        with psycopg.connect(postgres.url(port, PASSWORD)) as connection:
            settings: dict[str, str] = dict(connection.execute("SELECT name, setting FROM pg_settings").fetchall())

        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(postgres.url(port, "another-password"))

    assert (settings["fsync"], settings["synchronous_commit"], settings["full_page_writes"]) == ("on", "on", "on")
    assert (settings["listen_addresses"], settings["TimeZone"]) == ("127.0.0.1", "UTC")


def test_the_password_is_not_left_lying_about(made: Home) -> None:
    assert not (made.state / "password").exists()
