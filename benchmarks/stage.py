"""The stack as `make run` starts it, in a home to throw away."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import parts
from shop.runner.children import Child, spawn
from shop.runner.home import COMMON_GROUND, Home, home_of
from shop.runner.ports import LOOPBACK, free_ports

CHECKOUT = Path(__file__).resolve().parent.parent
_PATIENCE = 120.0  # seconds

# Nobody here is one caller too many; all else is as it comes.
SETTINGS = {"RATE_LIMITS": "callers=100000000/60,strangers=100000000/60"}

_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")


class StageFailed(RuntimeError):
    """The stack does not do what it must before anything can be measured."""


class Stage:
    """One running stack; `layout` is what WORKERS says: combined, or one worker per domain."""

    def __init__(self, home: Home, layout: str) -> None:
        self.home, self.layout = home, layout
        (self.port,) = free_ports(1)
        self.log = home.folder / "stack.log"
        given = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        self.environment = given | SETTINGS | {"WORKERS": layout} | {"DJANGO_SETTINGS_MODULE": "shop.settings"}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; for how many seconds nobody answered."""
        began = time.monotonic()
        self.home.folder.mkdir(exist_ok=True)
        command = (sys.executable, "manage.py", "up", "--home", self.home.folder, "--port", str(self.port))
        child = Child(name="stack", command=command, environment=self.environment, folder=CHECKOUT)
        with self.log.open("ab") as output:
            self._process = spawn(child, output=output.fileno())
        self.until("the web answers", lambda: _answers(self.port))
        return time.monotonic() - began

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()
            self._process = None

    @property
    def pid(self) -> int:
        """The supervisor's."""
        assert self._process is not None, "it was started"  # noqa: S101 - a mistake of ours
        return self._process.pid

    def until(
        self, claim: str, condition: Callable[[], bool], *, seconds: float = _PATIENCE, pause: float = 0.02
    ) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                raise StageFailed(f"not within {seconds:.0f} s: {claim}\n{self.log.read_text()[-4000:]}")
            time.sleep(pause)

    def run(self, *command: str) -> str:
        """What a Python program says that is run beside the stack, in its environment."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=CHECKOUT,
            env=self.environment | {"SHOP_HOME": str(self.home.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StageFailed(f"{' '.join(command)}: {done.stdout}")
        return done.stdout

    @property
    def database_url(self) -> str:
        return _note(self.home)["DATABASE_URL"]

    @property
    def redis_url(self) -> str:
        return _note(self.home)["REDIS_URL"]

    @contextmanager
    def workers_held(self) -> Iterator[None]:
        """While this lasts workers do nothing at all, as on a machine that has stopped them."""
        held = list(parts.workers(self.pid))
        _send(held, signal.SIGSTOP)
        try:
            yield
        finally:
            _send(held, signal.SIGCONT)

    @contextmanager
    def database(self) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
        """A session in which each statement is a transaction of its own."""
        with psycopg.connect(self.database_url, autocommit=True, application_name="benchmark") as connection:
            yield connection


@contextmanager
def staged(layout: str) -> Iterator[Stage]:
    """A stack in a new home, stopped and forgotten at the end."""
    with a_home() as home:
        stage = Stage(home, layout)
        try:
            stage.start()
            yield stage
        finally:
            stage.stop()


@contextmanager
def a_home() -> Iterator[Home]:
    """A folder to keep state in, on a disk: /tmp may be memory, and only root's servers have their data elsewhere."""
    ground = None if os.geteuid() == 0 else COMMON_GROUND
    home = home_of(CHECKOUT, tempfile.mkdtemp(prefix="shop-bench-", dir=ground))
    try:
        yield home
    finally:
        home.discard()


def _send(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _note(home: Home) -> dict[str, str]:
    note: dict[str, str] = json.loads((home.folder / "running.json").read_text())
    return note


def _answers(port: int) -> bool:
    connection = HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True
