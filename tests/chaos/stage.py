"""The stack on its stage, as those see it who stand outside: its processes, its servers, and how to start it again."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psycopg
import redis

from shop.runner.home import home_of
from shop.runner.ports import LOOPBACK, free_ports
from tests.chaos import trees, wires
from tests.runner.conftest import CHECKOUT, without_servers

_HOOK = Path(__file__).parent / "hook"
_START = 180.0  # seconds, on a machine that has other things to do
_STOP = 40.0

# A kill counts as an attempt of all that was in hand alone: with so many none dies of kills by accident. First waits
# are short, since here nobody mends anything between two attempts.
_SETTINGS = {
    "BUS_ATTEMPTS": "60",
    "BUS_FIRST_WAIT": "0.1",
    "RATE_LIMITS": "callers=1000000/60,strangers=1000000/60",
    "LOG_LEVEL": "WARNING",
}


class StageFailed(Exception):
    """The stack did not do what it must before anybody can judge it."""


class Stage:
    """One stack in a throw-away folder, with a wrong clock or a mutant for who asks for it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.home = home_of(CHECKOUT, folder / "home")
        self.clocks = folder / "clocks"
        self.clocks.mkdir(parents=True)
        self.log = folder / "stack.log"
        (self.port,) = free_ports(1)
        ours = {"PYTHONPATH": f"{_HOOK}:{CHECKOUT}", "CHAOS_CLOCKS": str(self.clocks)}
        self.environment = without_servers() | _SETTINGS | ours | environment
        self._stack: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The supervisor's."""
        assert self._stack is not None, "it was started"
        return self._stack.pid

    def start(self) -> None:
        """From the main thread only: what the kernel takes for our death is the end of the thread that forked."""
        with self.log.open("ab") as output:
            self._stack = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.stack", self.home.folder, str(self.port), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=CHECKOUT,
                env=self.environment,
                start_new_session=True,
            )
        self.until("the web answers", lambda: bool(self.processes("web")) and _answers(self.port), seconds=_START)
        self.until("the workers are there", lambda: bool(self.workers()), seconds=_START)

    def until(self, claim: str, condition: Callable[[], bool], *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if self._stack is None or self._stack.poll() is not None or time.monotonic() > deadline:
                raise StageFailed(f"not within {seconds:.0f} s: {claim}\n{self.log.read_text()[-4000:]}")
            time.sleep(0.1)

    def crash(self) -> list[int]:
        """The supervisor dies, and nobody else is touched; whom it leaves behind."""
        left_behind = trees.family(self.pid)[1:]
        trees.kill([self.pid])
        if self._stack:
            self._stack.wait()
        return left_behind

    def stop(self) -> None:
        """Ask the supervisor to end everything, and see to it if that takes too long."""
        if self._stack is None or self._stack.poll() is not None:
            return
        everybody = trees.family(self.pid)
        trees.send(everybody, signal.SIGCONT)
        self._stack.terminate()
        try:
            self._stack.wait(_STOP)
        except subprocess.TimeoutExpired:
            self._stack.kill()
            self._stack.wait()
        trees.kill(pid for pid in everybody if trees.is_alive(pid) and pid != self.pid)

    def discard(self) -> None:
        self.home.discard()
        shutil.rmtree(self.folder, ignore_errors=True)

    def manage(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """A command typed beside the stack, past the proxies."""
        environment = self.environment | {"SHOP_HOME": str(self.home.folder), "CHAOS_MUTANT": ""}
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=CHECKOUT,
            env=environment | wires.servers(self.home.folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    # --- Its processes --------------------------------------------------------------------------------------

    def processes(self, name: str) -> list[int]:
        """The first process of each child of the supervisor that goes by this name; none while it is dead."""
        return [pid for pid in trees.children(self.pid) if _name(trees.words(pid)) == name]

    def workers(self) -> dict[str, int]:
        """The workers that live, each with its main process."""
        found = {_worker(trees.words(pid)): pid for pid in trees.children(self.pid)}
        return {name: pid for name, pid in found.items() if name}

    # --- Its servers ----------------------------------------------------------------------------------------

    @property
    def database_url(self) -> str:
        return wires.servers(self.home.folder)["DATABASE_URL"]

    @contextmanager
    def database(self, name: str = "nemesis") -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
        """A session past the proxy; each statement is a transaction of its own."""
        with psycopg.connect(
            self.database_url, autocommit=True, connect_timeout=3, application_name=name
        ) as connection:
            yield connection

    @contextmanager
    def valkey(self) -> Iterator["redis.Redis"]:
        url = wires.servers(self.home.folder)["REDIS_URL"]
        client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        try:
            yield client
        finally:
            client.close()


def _name(command: list[str]) -> str:
    names = {"granian": "web", "celery": "worker", "tests.chaos.proxy": "proxy"}
    program = Path(command[0]).name.removesuffix("-server") if command else ""
    return next((name for word, name in names.items() if word in command), program)


def _worker(command: list[str]) -> str:
    return command[command.index("-n") + 1].partition("@")[0] if _name(command) == "worker" and "-n" in command else ""


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
