"""Schedules by chance, the second half; see test_even_schedules.py."""

from tests.simulation.places import KNOWN
from tests.simulation.running import find
from tests.simulation.simulation import Simulation

PART = 1


def test_whatever_happens_nothing_is_lost_and_nothing_happens_twice(playing: Simulation, seeds: range) -> None:
    found = find(playing, seeds)

    assert found is None, str(found)
    assert {place for place, _ in playing.met} <= KNOWN
