"""The simulation finds whoever takes a safeguard out of the shop."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.mutants import planting
from tests.mutants.planting import Plant
from tests.simulation.running import find
from tests.simulation.simulation import Simulation

_TRIES = 10
_HUNT = 3000


@dataclass(frozen=True)
class Mutant:
    """Which seed finds it, and at which places more happens then; without sweeps only one seed in eight plays."""

    plant: Plant
    seed: int
    eager: str = ""
    every: int = 1

    def seeds(self, *, is_hunt: bool) -> Iterator[int]:
        if is_hunt:
            yield from range(_HUNT)
        else:
            yield from range(self.seed, self.seed + _TRIES * self.every, self.every)


MUTANTS = [
    Mutant(planting.finish_before_the_effects, 0, eager="_work commits"),
    Mutant(planting.write_no_receipt, 0),
    Mutant(planting.write_the_receipt_afterwards, 14),
    Mutant(planting.settle_without_a_fence, 0, eager="calls"),
    Mutant(planting.never_sweep, 0),
    Mutant(planting.take_the_flag_down_after_the_work, 31, eager="lanes.held", every=8),
    Mutant(planting.count_stock_blindly, 0, eager="adjustments"),
    Mutant(planting.reserve_stock_blindly, 0, eager="reservations"),
    Mutant(planting.ask_again_under_a_new_key, 0),
    Mutant(planting.release_without_a_tombstone, 0, eager="batch.run_together"),
    Mutant(planting.give_back_without_a_tombstone, 0, eager="batch.run_together"),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.plant.__name__)
def test_a_safeguard_that_is_taken_out_is_missed(
    mutant: Mutant, playing: Simulation, pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> None:
    is_hunt = bool(pytestconfig.getoption("hunt", default=False))
    eager = "" if is_hunt else mutant.eager
    began = time.monotonic()

    with pytest.MonkeyPatch.context() as patch:
        mutant.plant(patch)
        found = find(playing, mutant.seeds(is_hunt=is_hunt), smallest=False, eager=eager)

    assert found is not None
    told = f"{mutant.plant.__name__}: seed {found.seed}, {playing.schedules} schedules"
    record_property("mutant", f"{told}, {time.monotonic() - began:.0f} s: {next(iter(found.broken))}")
    assert not playing.play(found.seed, eager=eager).broken
