"""What each part of the stack has cost: CPU and memory of its processes, as the kernel tells of them.

A part is a child of the supervisor with all that descends from it. Who has ended counts with whoever buried it.
"""

import os
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_CORES = os.cpu_count() or 1

# Who speaks to PostgreSQL by which name; what is left are its own processes, and sessions that have ended.
_SPEAKERS = {"shop web": "web", "shop worker": "workers", "shop autonomous": "gateway and mailbox"}

SUPERVISOR = "supervisor"


class Process(NamedTuple):
    """CPU in seconds: its own, and with that of children who have ended."""

    parent: int
    own: float
    whole: float


@dataclass(frozen=True)
class Moment:
    """All that was spent since everything began, in seconds of CPU."""

    at: float
    by_part: Mapping[str, float]
    ours: float
    """Of this process and all that descend from it: the stack, the load client, and who measures."""
    busy: float
    """Of the whole machine, whoever had it."""


@dataclass(frozen=True)
class Spent:
    """Between two moments."""

    seconds: float
    by_part: Mapping[str, float]
    foreign: float
    """The share of the machine that others had."""

    @property
    def cpu(self) -> float:
        return sum(self.by_part.values())


def look(supervisor: int, sessions: Mapping[int, str]) -> Moment:
    """`sessions` are PostgreSQL's back-ends, each with the name that it was given by whoever is connected."""
    found = dict(_processes())
    descendants = _descendants(found)
    by_part = {SUPERVISOR: found[supervisor].own}
    for child in descendants[supervisor]:
        name = _name(child)
        for pid in _family(child, descendants):
            speaker = _SPEAKERS.get(sessions.get(pid, ""), "") if name == "postgres" else ""
            part = f"{name}, for {speaker}" if speaker else name
            by_part[part] = by_part.get(part, 0.0) + found[pid].whole
    ours = sum(found[pid].whole for pid in _family(os.getpid(), descendants))
    return Moment(time.monotonic(), by_part, ours, _busy())


def between(before: Moment, after: Moment) -> Spent:
    """A session that has ended since is counted where its own part is: with the rest of PostgreSQL."""
    seconds = after.at - before.at
    parts = {name: after.by_part.get(name, 0.0) - before.by_part.get(name, 0.0) for name in after.by_part}
    foreign = (after.busy - before.busy) - (after.ours - before.ours)
    return Spent(seconds, parts, max(foreign, 0.0) / (seconds * _CORES))


def memory(supervisor: int) -> dict[str, float]:
    """PSS of each part in MiB: what processes share is counted once, in equal parts."""
    found = dict(_processes())
    descendants = _descendants(found)
    told = {SUPERVISOR: _pss(supervisor)}
    for child in descendants[supervisor]:
        told[_name(child)] = sum(_pss(pid) for pid in _family(child, descendants))
    return told


def workers(supervisor: int) -> Iterator[int]:
    """All processes of all workers."""
    descendants = _descendants(dict(_processes()))
    for child in descendants[supervisor]:
        if _name(child).startswith("worker"):
            yield from _family(child, descendants)


def _processes() -> Iterator[tuple[int, Process]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                told = (entry / "stat").read_text()
            except OSError:  # it has just ended
                continue
            fields = told.rpartition(")")[2].split()
            user, system, user_of_ended, system_of_ended = map(int, fields[11:15])
            own = (user + system) / _TICKS
            yield int(entry.name), Process(int(fields[1]), own, own + (user_of_ended + system_of_ended) / _TICKS)


def _descendants(found: Mapping[int, Process]) -> Mapping[int, list[int]]:
    children: dict[int, list[int]] = defaultdict(list)
    for pid, process in found.items():
        children[process.parent].append(pid)
    return children


def _family(pid: int, children: Mapping[int, list[int]]) -> Iterator[int]:
    yield pid
    for child in children.get(pid, ()):
        yield from _family(child, children)


def _name(pid: int) -> str:
    """Workers are told apart by the names that they were given, all else by its program."""
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    if "celery" in words:
        name = words[words.index("-n") + 1].partition("@")[0]
        return "workers" if name == "workers" else f"worker {name}"
    return (
        "web" if "granian" in words else Path(words[0].split()[0]).name.removesuffix("-server")
    )  # Valkey says its port


def _busy() -> float:
    """What the machine was not idle: the first line of /proc/stat without `idle` and `iowait`, and guests once."""
    user, nice, system, _idle, _waiting, *rest = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
    return (user + nice + system + sum(rest)) / _TICKS


def _pss(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:")) / 1024
