from itertools import islice

from tests.chaos.faults import faults
from tests.chaos.nemesis import draws


def test_every_kind_is_drawn_before_any_comes_again() -> None:
    kinds = list(faults.values())

    drawn = [draw.fault.name for draw in islice(draws(kinds, seed=1), len(kinds))]

    assert sorted(drawn) == sorted(faults)


def test_a_seed_draws_the_same_faults_again_and_another_seed_others() -> None:
    kinds = list(faults.values())

    def drawn(seed: int) -> list[tuple[str, float, float, float]]:
        return [
            (draw.fault.name, draw.lasts, draw.rests, draw.chance.random())
            for draw in islice(draws(kinds, seed), 2 * len(kinds))
        ]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
