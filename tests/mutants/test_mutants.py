"""The simulation finds whoever takes a safeguard out of the shop."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

from tests.mutants import planting
from tests.mutants.planting import Plant
from tests.simulation.choosing import Aimed, Chance, Choices
from tests.simulation.places import AFTER, BEFORE
from tests.simulation.running import find
from tests.simulation.scenario import scenario
from tests.simulation.simulation import Simulation

_TRIES = 60
_HUNT = 3000

Aims = Callable[[int], Choices]


def _by_chance(seed: int) -> Choices:
    return Chance(seed, sweeps=scenario(seed).sweeps)


def _eager(place: str) -> Aims:
    return lambda seed: Chance(seed, sweeps=scenario(seed).sweeps, eager=place)


def _crash(place: str, moment: str) -> Aims:
    return lambda seed: Aimed(seed, place, moment) if scenario(seed).sweeps else _by_chance(seed)


def _meanwhile(place: str, moment: str, step: str, nth: int = 0) -> Aims:
    return lambda seed: Aimed(seed, place, moment, step=step, nth=nth, sweeps=scenario(seed).sweeps)


_COUNTING = "inventory.services.adjustments.adjust runs"
_WHILE_STAFF_COUNT = _meanwhile(_COUNTING, BEFORE, "drain inventory")
_WHEN_STAFF_HAVE_READ = _meanwhile(_COUNTING, BEFORE, "drain inventory", nth=2)
_WHEN_INVENTORY_HAS_READ = _meanwhile("inventory.services.reservations.reserve runs", BEFORE, "act who counts", nth=2)
_AS_IT_RUNS_ALONE = _crash("shop.bus.batch.run_one commits", BEFORE)
_WHILE_A_MAIL_LEAVES = _meanwhile("notifications.channels.email.send calls", AFTER, "set 61")


@dataclass(frozen=True)
class Mutant:
    """Which seed finds it, and who chooses then. Without sweeps only one seed in eight plays."""

    plant: Plant
    seed: int
    chooses: Aims = _by_chance
    every: int = 1

    def seeds(self, *, is_hunt: bool) -> Iterable[int]:
        return range(_HUNT) if is_hunt else range(self.seed, self.seed + _TRIES * self.every, self.every)


MUTANTS = [
    Mutant(planting.finish_before_the_effects, 11, _eager("_work commits")),
    Mutant(planting.write_no_receipt, 0),
    Mutant(planting.write_the_receipt_afterwards, 16),
    Mutant(planting.settle_without_a_fence, 4, _WHILE_A_MAIL_LEAVES),
    Mutant(planting.never_sweep, 0),
    Mutant(planting.take_the_flag_down_after_the_work, 71, _eager("lanes.held"), every=8),
    Mutant(planting.count_stock_blindly, 5, _WHEN_STAFF_HAVE_READ),
    Mutant(planting.reserve_stock_blindly, 1, _WHEN_INVENTORY_HAS_READ),
    Mutant(planting.ask_again_under_a_new_key, 0),
    Mutant(planting.release_without_a_tombstone, 30, _WHILE_STAFF_COUNT),
    Mutant(planting.give_back_without_a_tombstone, 16, _AS_IT_RUNS_ALONE),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.plant.__name__)
def test_a_safeguard_that_is_taken_out_is_missed(
    mutant: Mutant, playing: Simulation, pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> None:
    is_hunt = bool(pytestconfig.getoption("hunt", default=False))
    began = time.monotonic()

    with pytest.MonkeyPatch.context() as patch:
        mutant.plant(patch)
        found = find(playing, mutant.seeds(is_hunt=is_hunt), smallest=False, choices=mutant.chooses)

    assert found is not None
    told = f"{mutant.plant.__name__}: seed {found.seed}, {playing.schedules} schedules"
    record_property("mutant", f"{told}, {time.monotonic() - began:.0f} s: {next(iter(found.broken))}")
    assert not playing.play(found.seed, mutant.chooses(found.seed)).broken
