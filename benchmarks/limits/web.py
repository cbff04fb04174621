"""Requests a second of views that do nothing, on the server and with the settings that the shop has."""

import dataclasses
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.clients import send
from benchmarks.load import Plan
from benchmarks.stage import CHECKOUT, Stage, StageFailed
from shop.runner import processes
from shop.runner.children import spawn
from shop.runner.ports import answers, free_ports

_PATIENCE = 20.0  # seconds
_SHOP = "shop.wsgi:application"


def views(stage: Stage, log: Path, *, seconds: float) -> dict[str, float]:
    """Each view with its requests a second."""
    return {
        "a bare view on granian": _rate(stage, log, "bare", seconds),
        "a view of Django REST framework on granian": _rate(stage, log, "framework", seconds),
    }


def _rate(stage: Stage, log: Path, application: str, seconds: float) -> float:
    with _served(stage, log, application) as port:
        plan = Plan(port=port, method="GET", paths=["/nothing"], connections=16, seconds=seconds)
        send(dataclasses.replace(plan, seconds=1), expect="200")
        outcome = send(plan, expect="200")
    return len(outcome.latencies) / outcome.seconds


@contextmanager
def _served(stage: Stage, log: Path, application: str) -> Iterator[int]:
    """The shop's own web process, but for what it serves."""
    (port,) = free_ports(1)
    environment = stage.environment | {"DJANGO_SETTINGS_MODULE": "benchmarks.limits.settings"}
    web = processes.web(CHECKOUT, environment, port)
    command = tuple(f"benchmarks.limits.views:{application}" if word == _SHOP else word for word in web.command)
    with log.open("ab") as output:
        process = spawn(dataclasses.replace(web, command=command), output=output.fileno())
    try:
        _wait(process, port, log)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise StageFailed(f"no view answers: {log.read_text()[-2000:]}")
        time.sleep(0.05)
