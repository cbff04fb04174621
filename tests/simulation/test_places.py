"""At every place where the shop can die it has died, and nothing was lost."""

import pytest

from tests.simulation.choosing import Aimed
from tests.simulation.places import AFTER, BEFORE, KNOWN
from tests.simulation.scenario import scenario
from tests.simulation.simulation import Simulation

_SEEDS = [seed for seed in range(1009, 1040) if scenario(seed).sweeps]  # the first of them comes by nearly every place


@pytest.mark.parametrize("moment", [BEFORE, AFTER])
@pytest.mark.parametrize("place", sorted(KNOWN))
def test_a_crash_at_any_place_loses_nothing_and_doubles_nothing(playing: Simulation, place: str, moment: str) -> None:
    for seed in _SEEDS:
        aimed = Aimed(seed, place, moment)
        played = playing.play(seed, aimed)

        assert not played.broken, str(played)
        if aimed.has_struck:
            return

    pytest.fail(f"nobody ever comes to {place}")
