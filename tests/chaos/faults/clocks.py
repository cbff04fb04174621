"""A worker's clock is ten minutes off, either way."""

import random
import signal
from collections.abc import Iterator

from tests.chaos import trees
from tests.chaos.faults.fault import LONG, fault
from tests.chaos.stage import Stage

_OFF = 600  # seconds


@fault("workers", LONG)
def clock_of_a_worker_off(stage: Stage, chance: random.Random) -> Iterator[None]:
    """It is started again to get the wrong clock, and once more to get the right one."""
    name = chance.choice(sorted(stage.workers()) or ["workers"])
    clock = stage.clocks / name
    clock.write_text(str(chance.choice((-_OFF, _OFF))))
    _start_again(stage, name)
    yield
    clock.unlink()
    _start_again(stage, name)


def _start_again(stage: Stage, name: str) -> None:
    """Its supervisor starts who has ended."""
    trees.send([pid for worker, pid in stage.workers().items() if worker == name], signal.SIGTERM)
