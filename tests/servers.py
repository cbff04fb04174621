"""A pytest plugin: PostgreSQL and Valkey for the tests, and no word to anybody outside this machine.

It is loaded by `-p tests.servers`, since Django's settings want to know the servers before any conftest is read.
TEST_DATABASE_URL and TEST_REDIS_URL name other servers. With xdist the servers are the controller's; each worker has
a database of its own in both.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from shop.runner import ports, postgres, valkey
from shop.runner.children import Child, spawn
from shop.runner.home import Home, home_of
from shop.runner.keys import Keys, keys_of

_CHECKOUT = Path(__file__).resolve().parent.parent
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")  # gw0, gw1, ...; nothing in the controller
_START = 30.0  # seconds

# What a crash of the machine would leave does not matter here.
_FORGETFUL = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "128MB"}


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, Any, Any]:  # pytest's own types
    """Wraps the hook in which pytest-django reads the settings."""
    asked = early_config.known_args_namespace
    if _WORKER:
        number = int(_WORKER.removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()
    elif not (asked.help or asked.version):
        servers = ExitStack()
        early_config.add_cleanup(servers.close)
        os.environ |= servers.enter_context(_servers())
    sys.addaudithook(_stay_here)
    return (yield)


# --- The servers --------------------------------------------------------------------------------------------


@contextmanager
def _servers() -> Iterator[dict[str, str]]:
    """What the tests have in their environment while the servers run."""
    home = home_of(_CHECKOUT, tempfile.mkdtemp(prefix="shop-tests-"))
    home.make()
    keys = keys_of(home)
    with ExitStack() as stack:
        stack.callback(home.discard)
        yield {
            "SHOP_ROLE": "command",  # else whoever imports the worker first makes workers of xdist's processes
            "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or stack.enter_context(_postgres(home, keys)),
            "REDIS_URL": os.environ.get("TEST_REDIS_URL") or stack.enter_context(_valkey(home, keys)),
            "SECRET_KEY": keys.secret_key,
            "OIDC_PRIVATE_KEY": keys.oidc_private_key,
            "EMAIL_BACKEND": "notifications.channels.mailbox.MailboxBackend",
            "RATE_LIMITS": "callers=1000000/60,strangers=1000000/60",
        }


@contextmanager
def _postgres(home: Home, keys: Keys) -> Iterator[str]:
    (port,) = ports.free_ports(1)
    url = postgres.url(port, keys.postgres_password)
    postgres.make_cluster(home, keys.postgres_password)
    with _running(postgres.server(home, port, **_FORGETFUL), home, lambda: postgres.is_ready(home, port)):
        yield url


@contextmanager
def _valkey(home: Home, keys: Keys) -> Iterator[str]:
    (port,) = ports.free_ports(1)
    with _running(valkey.server(home, port, keys.valkey_password), home, lambda: ports.answers(port)):
        yield valkey.url(port, keys.valkey_password)


@contextmanager
def _running(server: Child, home: Home, answers: Callable[[], bool]) -> Iterator[None]:
    log = home.folder / f"{server.name}.log"
    with log.open("wb") as output:
        process = spawn(server, output=output.fileno())
    try:
        deadline = time.monotonic() + _START
        while not answers():
            assert time.monotonic() < deadline, f"{server.name} does not answer: {log.read_text()}"
            time.sleep(0.02)
        yield
    finally:
        process.send_signal(server.stop_with)
        process.wait()


# --- Nobody outside -----------------------------------------------------------------------------------------

_strays: list[str] = []


class OutsideWorld(OSError):
    """A test wanted to speak to another machine."""


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:  # whatever an audited call was given
    if event not in {"socket.connect", "socket.sendto"}:
        return
    address = arguments[1]
    if isinstance(address, tuple) and not _is_loopback(str(address[0])):
        _strays.append(f"{address[0]}:{address[1]}")
        raise OutsideWorld(_strays[-1])


def _is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


@pytest.fixture(autouse=True)
def _nobody_outside() -> Iterator[None]:
    """Fails the test that tried, even where the code under test took the error for an ordinary failure."""
    yield
    strays, _strays[:] = _strays[:], []
    assert not strays, f"only loopback in tests, but this one wanted to speak to {', '.join(strays)}"
