"""Making a schedule that breaks something as short as it can be."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.simulation.choosing import Script
from tests.simulation.simulation import Played, Simulation
from tests.simulation.steps import Step

_TRIES = 80


def shrink(playing: Simulation, found: Played) -> Played:
    """The shortest schedule found that still breaks some of the same: steps and what happens in them are left out."""
    smallest, left = found, _TRIES
    shorter = True
    while shorter and left > 0:
        shorter = False
        for steps in _shorter(smallest.steps):
            left -= 1
            played = playing.play(found.seed, Script(steps))
            if played.broken.keys() & found.broken.keys():
                smallest, shorter = replace(played, steps=steps), True
                break
            if left <= 0:
                break
    return smallest


def _shorter(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Large parts are left out first, from the end; then single things that happen."""
    size = len(steps) // 2
    while size:
        for start in range(len(steps) - size, -1, -size):
            yield [*steps[:start], *steps[start + size :]]
        size //= 2
    for place, step in enumerate(steps):
        for point in step.happens:
            happens = {known: deed for known, deed in step.happens.items() if known != point}
            yield [*steps[:place], Step(step.verb, step.what, happens), *steps[place + 1 :]]
