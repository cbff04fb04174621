"""Playing many seeds until one breaks something."""

from collections.abc import Callable, Iterable

from tests.simulation.choosing import Choices
from tests.simulation.shrinking import shrink
from tests.simulation.simulation import Played, Simulation, simulation


def run(seeds: Iterable[int], *, smallest: bool = True) -> Played | None:
    """The first schedule that breaks something, made as short as can be; None if all is well.

    It wants a test database for itself. What it plays with can be patched before.
    """
    with simulation() as playing:
        return find(playing, seeds, smallest=smallest)


def find(
    playing: Simulation,
    seeds: Iterable[int],
    *,
    smallest: bool = True,
    choices: Callable[[int], Choices | None] = lambda _: None,
) -> Played | None:
    """The same with a simulation that is there; for each seed somebody else may choose."""
    for seed in seeds:
        played = playing.play(seed, choices(seed))
        if played.broken:
            return shrink(playing, played) if smallest else played
    return None
