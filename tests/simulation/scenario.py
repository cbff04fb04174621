"""What a seed begins with: what lies in stock, and who wants what."""

from dataclasses import dataclass
from random import Random

from tests.shopping import IS_DECLINED, PAYS
from tests.simulation.scripts import Plan

NEEDS_THE_CUSTOMER = "pm_card_threeDSecure2Required"
CANNOT_BE_TAKEN = "pm_test_capture_fails"

MUG, LAMP, VASE = "MUG-BLUE", "LAMP-BLACK", "VASE-RED"
PRICES = {MUG: 1200, LAMP: 5900, VASE: 2500}

_METHODS = [PAYS] * 5 + [IS_DECLINED, NEEDS_THE_CUSTOMER, NEEDS_THE_CUSTOMER, CANNOT_BE_TAKEN]


@dataclass(frozen=True)
class Scenario:
    """Without `sweeps` bells alone have to do: nobody dies then, and none is lost."""

    seed: int
    stock: dict[str, int]
    plans: list[Plan]
    counts: list[tuple[str, int]]
    sweeps: bool


def scenario(seed: int) -> Scenario:
    chance = Random(f"scenario {seed}")  # noqa: S311 - to be had again
    stock = {MUG: chance.randint(4, 12), LAMP: 1, VASE: chance.randint(0, 3)}
    plans = [_plan(chance, f"order-{number}") for number in range(1, chance.choice([2, 2, 2, 2, 3, 3, 4, 6]) + 1)]
    counts = [(MUG, delta) for delta in chance.choice([[], [2], [5, -1], [1, 1, 3, -1, 1]])]
    return Scenario(seed, stock, plans, counts, sweeps=seed % 8 != 7)


def _plan(chance: Random, name: str) -> Plan:
    lines = chance.choice([{MUG: 2}, {MUG: 1}, {MUG: 3}, {LAMP: 1}, {LAMP: 1, MUG: 1}, {VASE: 1}, {VASE: 1, LAMP: 1}])
    method = chance.choice(_METHODS)
    cancels = chance.random() < 0.3
    ships = () if cancels else chance.choice([(), (), (0,), (1, 0)])
    first = next(iter(lines.values()))
    return Plan(
        name=name,
        lines=lines,
        method=method,
        asks_twice=chance.random() < 0.2,
        cancels_after=chance.randint(0, 8) if cancels else None,
        bank=chance.choice([True, True, False, None]) if method == NEEDS_THE_CUSTOMER else None,
        comes_back=chance.random() < 0.6,
        ships=ships,
        takes_back=chance.choice([0, 0, 1, first]) if ships else 0,
        refunds=chance.choice([0, 0, 0, 100, PRICES[next(iter(lines))]]),
    )
