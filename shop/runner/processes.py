"""Our own processes: the web, and one worker per domain."""

import sys
from collections.abc import Mapping
from pathlib import Path
from signal import Signals

from shop.runner.children import Child

# Which queues each worker serves. A domain's calls to the outside world wait in a queue of their own.
QUEUES = {
    "orders": ("orders",),
    "payments": ("payments", "payments.out"),
    "inventory": ("inventory",),
    "notifications": ("notifications", "notifications.out"),
}
_COMBINED_CONCURRENCY = 3

# Celery warns root at length. Here bells carry no more than the name of a queue, as JSON.
_ROOT_IS_FINE = "ignore:You're running the worker with superuser privileges:UserWarning"

_THREADS = "16"  # of the web, unless WEB_CONNECTIONS says otherwise: as many as it has database connections


def web(checkout: Path, environment: Mapping[str, str], port: int) -> Child:
    threads = environment.get("WEB_CONNECTIONS", _THREADS)
    return Child(
        name="web",
        command=(
            *(sys.executable, "-m", "granian", "shop.wsgi:application", "--interface", "wsgi"),
            *("--host", "127.0.0.1", "--port", str(port), "--http", "1", "--no-ws"),
            *("--workers", "1", "--blocking-threads", threads),
            *("--workers-kill-timeout", "5", "--log-level", "error"),
        ),
        environment=environment,
        folder=checkout,
    )


def workers(checkout: Path, environment: Mapping[str, str]) -> list[Child]:
    """One worker per domain, each with one process per queue; or, with WORKERS=combined, one for all."""
    if environment.get("WORKERS") == "combined":
        every = tuple(queue for queues in QUEUES.values() for queue in queues)
        return [_worker("workers", every, _COMBINED_CONCURRENCY, checkout, environment)]
    return [_worker(name, queues, len(queues), checkout, environment) for name, queues in QUEUES.items()]


def command(name: str, checkout: Path, environment: Mapping[str, str]) -> Child:
    """A command of manage.py that runs to its end."""
    return Child(
        name=name,
        command=(sys.executable, "manage.py", name),
        environment=environment,
        folder=checkout,
    )


def _worker(
    name: str, queues: tuple[str, ...], concurrency: int, checkout: Path, environment: Mapping[str, str]
) -> Child:
    progress = Path(environment["SHOP_HOME"]) / f"{name}.progress" if "SHOP_HOME" in environment else None
    return Child(
        name=name,
        command=(
            *(
                sys.executable,
                "-W",
                _ROOT_IS_FINE,
                "-m",
                "celery",
                "--quiet",
                "-A",
                "shop",
                "worker",
                "-n",
                f"{name}@%h",
                "-Q",
                ",".join(queues),
            ),
            *("--concurrency", str(concurrency), "--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        environment={**environment, "PROGRESS_FILE": str(progress)} if progress else environment,
        progress=progress,
        folder=checkout,
        orphaned=Signals.SIGKILL,  # the servers go, too: nobody is left to be graceful for. Its pool dies with it
    )
