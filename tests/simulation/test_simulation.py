"""The simulation itself: the same seed is the same schedule."""

import pytest

from tests.simulation.choosing import Script
from tests.simulation.simulation import Simulation


@pytest.mark.parametrize("seed", [1, 7, 9])
def test_a_seed_is_always_the_same_schedule(playing: Simulation, seed: int) -> None:
    first, second = playing.play(seed), playing.play(seed)

    assert first.trail == second.trail
    assert [step.told() for step in first.steps] == [step.told() for step in second.steps]


@pytest.mark.parametrize("seed", [1, 7, 9])
def test_what_was_written_down_is_played_again(playing: Simulation, seed: int) -> None:
    played = playing.play(seed)

    again = playing.play(seed, Script(played.steps))

    assert again.trail == played.trail
