"""How many Celery tasks a second: published by one process, and consumed by a worker with one process."""

import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import redis

from benchmarks.stage import CHECKOUT, Stage, StageFailed
from shop.runner.children import Child, spawn

_PATIENCE = 60.0  # seconds

_PUBLISH = """
import sys, time
from benchmarks.limits.nothing import app, nothing
with app.producer_pool.acquire(block=True) as producer:
    nothing.apply_async(producer=producer)
    began = time.perf_counter()
    for _ in range(int(sys.argv[1]) - 1):
        nothing.apply_async(producer=producer)
    print((int(sys.argv[1]) - 1) / (time.perf_counter() - began))
"""


def rung(stage: Stage, log: Path, *, tasks: int) -> tuple[float, float]:
    """Published and consumed a second, in a database of the same server's that nobody else uses."""
    url = urlsplit(stage.redis_url)._replace(path="/15").geturl()
    environment = stage.environment | {"REDIS_URL": url}
    published = _publish(environment, tasks)
    with redis.Redis.from_url(url) as client:
        try:
            consumed = _consume(client, environment, log)
        finally:
            client.flushdb()
    return published, consumed


def _publish(environment: dict[str, str], tasks: int) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _PUBLISH, str(tasks)],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)


def _consume(client: "redis.Redis", environment: dict[str, str], log: Path) -> float:
    """From the first task that is taken to the last, as the queue gets shorter."""
    options = ("--quiet", "-A", "benchmarks.limits.nothing", "worker", "-Q", "nothing", "--concurrency", "1")
    lonely = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    command = (sys.executable, "-W", "ignore", "-m", "celery", *options, *lonely)
    with log.open("ab") as output:
        worker = spawn(
            Child(name="nothing", command=command, environment=environment, folder=CHECKOUT), output=output.fileno()
        )
    try:
        waiting = full = int(client.llen("nothing"))
        until = time.monotonic() + _PATIENCE
        while waiting == full and time.monotonic() < until:
            time.sleep(0.005)
            waiting = int(client.llen("nothing"))
        began, first = time.perf_counter(), waiting
        while waiting and time.monotonic() < until:
            time.sleep(0.005)
            waiting = int(client.llen("nothing"))
        if waiting:
            raise StageFailed(f"{waiting} of {full} tasks are still there: {log.read_text()[-2000:]}")
        return first / (time.perf_counter() - began)
    finally:
        worker.terminate()
        worker.wait()
