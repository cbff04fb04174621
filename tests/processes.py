"""Real worker processes on the test's own database, and waiting for what they do."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

T = TypeVar("T")

running: list["Worker"] = []
"""Workers that live now; their logs are shown when a test fails."""

_QUICK = {
    "BUS_SWEEP_SECONDS": "0.5",
    "BUS_FIRST_WAIT": "0.05",
    "DJANGO_SETTINGS_MODULE": "tests.settings",
    "LOG_LEVEL": "INFO",
    "SHOP_ROLE": "worker",
}
_START = 30.0  # seconds
_STOP = 15.0


@dataclass
class Worker:
    """A `celery worker` and its children."""

    queues: tuple[str, ...]
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def children(self) -> list[int]:
        """The processes that run the tasks."""
        listed = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def said(self, words: str) -> bool:
        return words in self.log.read_text(errors="replace")

    def stop(self) -> None:
        """Ask it to go, and insist after a while."""
        self.process.terminate()
        try:
            self.process.wait(_STOP)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it and its children at once: the session is its own, so the group holds nobody else."""
        os.killpg(self.pid, signal.SIGKILL)
        self.process.wait(_STOP)


@contextmanager
def worker(folder: Path, *queues: str, concurrency: int = 1, **environment: str) -> Iterator[Worker]:
    """A worker that serves these queues of the test's database; `environment` is for settings in capitals."""
    names = ",".join(queues)
    log = folder / f"worker-{names}-{time.monotonic_ns()}.log"
    command = [sys.executable, "-m", "celery", "-A", "shop", "worker", "-Q", names, "-c", str(concurrency)]
    options = ["--loglevel", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=settings.BASE_DIR,
            env=os.environ | _servers() | _QUICK | environment,
            start_new_session=True,
        )
    started = Worker(queues, process, log)
    running.append(started)
    try:
        eventually(lambda: started.said(" ready."), f"the worker is ready, see {log}", seconds=_START)
        yield started
    finally:
        if process.poll() is None:
            started.stop()
        running.remove(started)


def eventually(condition: Callable[[], T], claim: str, *, seconds: float = 15.0) -> T:
    """Wait until something is true, and return it; fails with the claim if it does not become true in time."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {claim}"
        time.sleep(0.02)
    return found


def database_url() -> str:
    """The test's own database, for who connects from elsewhere."""
    database = connection.settings_dict
    return make_conninfo(
        "",
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"],
        host=database["HOST"],
        port=database["PORT"],
    )


def _servers() -> dict[str, str]:
    return {"DATABASE_URL": database_url(), "REDIS_URL": settings.REDIS_URL}
