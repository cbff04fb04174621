"""Homes to throw away, and processes that a test may start, listen to and kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from shop.runner.home import Home, home_of
from tests.processes import eventually

CHECKOUT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Started:
    """A process of ours; what it says goes to a file."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def until_it_says(self, words: str, *, seconds: float = 30) -> None:
        eventually(lambda: words in self.said or self.process.poll() is not None, f"it says {words}", seconds=seconds)
        assert words in self.said, self.said

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; its exit status."""
        self.process.send_signal(number)
        return self.process.wait(60)


class Start(Protocol):
    """Starts Python with these arguments, in the checkout."""

    def __call__(self, *arguments: str, environment: dict[str, str] | None = None) -> Started: ...


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """What still runs when the test ends is stopped."""
    started: list[Started] = []

    def start(*arguments: str, environment: dict[str, str] | None = None) -> Started:
        started.append(launch(tmp_path / f"log-{len(started)}", *arguments, environment=environment or {}))
        return started[-1]

    yield start
    for each in started:
        each.stop()


def launch(log: Path, *arguments: str, environment: dict[str, str]) -> Started:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=CHECKOUT,
            env=without_servers() | environment,
            start_new_session=True,
        )
    return Started(process, log)


def without_servers() -> dict[str, str]:
    """Our environment without what the servers of the tests put there; what is said then is for people."""
    theirs = {
        *("SHOP_ROLE", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "OIDC_PRIVATE_KEY", "EMAIL_BACKEND", "RATE_LIMITS"),
        *("DJANGO_SETTINGS_MODULE", "SHOP_HOME"),
    }
    ours = {name: value for name, value in os.environ.items() if name not in theirs}
    return ours | {"LOG_FORMAT": "text"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home that nobody uses yet."""
    with fresh_home(tmp_path / "home") as home:
        yield home


@pytest.fixture
def another_home(tmp_path: Path) -> Iterator[Home]:
    with fresh_home(tmp_path / "another-home") as home:
        yield home


@contextmanager
def fresh_home(folder: Path) -> Iterator[Home]:
    home = home_of(CHECKOUT, folder)
    home.make()
    try:
        yield home
    finally:
        home.discard()


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that is dead and only not yet buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
