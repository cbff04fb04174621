"""Our own programs die, stand still, or are asked to end again and again."""

import random
import signal
import time
from collections.abc import Iterator

from tests.chaos import trees
from tests.chaos.faults.fault import SHORT, fault
from tests.chaos.stage import Stage

_STORM = range(4)
_ORPHANS_LIVE = 30.0  # seconds that anybody may outlive their supervisor


@fault("web")
def web_killed(stage: Stage, chance: random.Random) -> Iterator[None]:
    trees.kill(stage.processes("web"))
    yield


@fault("web")
def child_of_the_web_killed(stage: Stage, chance: random.Random) -> Iterator[None]:
    trees.kill(child for pid in stage.processes("web") for child in trees.children(pid))
    yield


@fault("web", SHORT)
def web_frozen(stage: Stage, chance: random.Random) -> Iterator[None]:
    frozen = [each for pid in stage.processes("web") for each in trees.family(pid)]
    trees.send(frozen, signal.SIGSTOP)
    yield
    trees.send(frozen, signal.SIGCONT)


@fault("workers")
def worker_killed(stage: Stage, chance: random.Random) -> Iterator[None]:
    """Its main process only: children in the midst of something are ended by the supervisor, a moment later."""
    trees.kill(_some_worker(stage, chance))
    yield


@fault("workers")
def child_of_a_worker_killed(stage: Stage, chance: random.Random) -> Iterator[None]:
    for _ in _STORM:
        mains = _some_worker(stage, chance)
        trees.kill(chance.sample(children, 1)[0] for pid in mains if (children := trees.children(pid)))
        time.sleep(chance.uniform(0.1, 0.5))
    yield


@fault("workers")
def all_workers_killed(stage: Stage, chance: random.Random) -> Iterator[None]:
    trees.kill(each for pid in stage.workers().values() for each in trees.family(pid))
    yield


@fault("workers", (1.0, 8.0))
def worker_frozen(stage: Stage, chance: random.Random) -> Iterator[None]:
    frozen = [each for pid in _some_worker(stage, chance) for each in trees.family(pid)]
    trees.send(frozen, signal.SIGSTOP)
    yield
    trees.send(frozen, signal.SIGCONT)


@fault("workers", (1.0, 8.0))
def child_of_a_worker_frozen(stage: Stage, chance: random.Random) -> Iterator[None]:
    frozen = [child for pid in _some_worker(stage, chance) for child in trees.children(pid)[:1]]
    trees.send(frozen, signal.SIGSTOP)
    yield
    trees.send(frozen, signal.SIGCONT)


@fault("workers")
def storm_of_SIGTERM(stage: Stage, chance: random.Random) -> Iterator[None]:  # noqa: N802 - its name in the table
    _storm(stage, chance, signal.SIGTERM)
    yield


@fault("workers")
def storm_of_SIGQUIT(stage: Stage, chance: random.Random) -> Iterator[None]:  # noqa: N802
    _storm(stage, chance, signal.SIGQUIT)
    yield


@fault("supervisor")
def supervisor_killed(stage: Stage, chance: random.Random) -> Iterator[None]:
    """Whom it leaves behind ends by itself; then somebody starts the stack again where it was."""
    left_behind = stage.crash()
    deadline = time.monotonic() + _ORPHANS_LIVE
    while any(map(trees.is_alive, left_behind)) and time.monotonic() < deadline:
        time.sleep(0.1)
    orphans = [trees.words(pid)[:4] for pid in left_behind if trees.is_alive(pid)]
    trees.kill(left_behind)
    stage.start()
    assert not orphans, f"{_ORPHANS_LIVE:.0f} s after their supervisor there were still {orphans}"
    yield


def _some_worker(stage: Stage, chance: random.Random) -> list[int]:
    """The main process of one; of nobody where none lives just now."""
    workers = stage.workers()
    return [workers[chance.choice(sorted(workers))]] if workers else []


def _storm(stage: Stage, chance: random.Random, number: int) -> None:
    for _ in _STORM:
        trees.send(_some_worker(stage, chance), number)
        time.sleep(chance.uniform(0.1, 1.0))
