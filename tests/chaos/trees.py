"""Processes as the kernel tells of them: who is whose child, what each was started as, and signals to all of them."""

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def children(pid: int) -> list[int]:
    """The living children of a process, oldest first; of one that is gone there are none."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for child in listed.split()]


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    return [pid, *(each for child in children(pid) for each in family(child))]


def words(pid: int) -> list[str]:
    """The command line of a process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def send(pids: Iterable[int], number: int) -> None:
    """Signal those that are still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def kill(pids: Iterable[int]) -> None:
    send(pids, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether it runs; one that is dead and only not yet buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
