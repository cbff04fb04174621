"""The wires to PostgreSQL and Valkey are slow, cut, mute or half open."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos import wires
from tests.chaos.faults.fault import Deed, Fault, Victim, faults
from tests.chaos.stage import Stage
from tests.chaos.wires import State, Wire

_STATES: dict[State, tuple[float, float]] = {
    "slow": (1.0, 4.0),
    "cut": (0.3, 3.0),
    "mute": (1.0, 5.0),
    "half": (1.0, 5.0),
}


def _laid(name: str, state: State) -> Deed:
    def lie(stage: Stage, chance: random.Random) -> Iterator[None]:
        wires.lay(stage.home.folder, name, Wire(state, chance.uniform(0.02, 0.15)))
        yield
        wires.lay(stage.home.folder, name, Wire())

    return lie


def _declare(victim: Victim) -> None:
    for state, lasts in _STATES.items():
        name = f"wire to {victim} {state}{' open' if state == 'half' else ''}"
        faults[name] = Fault(name, victim, lasts, quiet=False, strike=contextmanager(_laid(victim, state)))


_declare("postgres")
_declare("valkey")
