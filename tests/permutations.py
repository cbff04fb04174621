"""Every order in which the news of an order can arrive."""

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations, zip_longest
from typing import TypeVar
from uuid import UUID, uuid4

from shop.bus import Event
from tests.news import tell

K = TypeVar("K")
Told = Callable[[UUID], Event]


def each_twice(*kinds: K) -> list[tuple[K, ...]]:
    """Every different order of these, where each comes and comes again."""
    return sorted(set(permutations(kinds + kinds)), key=repr)


def one_repeated(*kinds: K) -> list[tuple[K, ...]]:
    """Every different order of these, where one of them comes twice."""
    return sorted({order for kind in kinds for order in permutations((*kinds, kind))}, key=repr)


def side_by_side(permutations: Sequence[tuple[K, ...]]) -> tuple[list[UUID], Iterator[list[tuple[UUID, K]]]]:
    """An order's id for each permutation, and then step by step what each order is told next."""
    ids = [uuid4() for _ in permutations]
    steps = ([(ids[place], kind) for place, kind in enumerate(step) if kind] for step in zip_longest(*permutations))
    return ids, steps


def play(permutations: Sequence[tuple[Told, ...]], react: Callable[[], None]) -> list[UUID]:
    """Tell each permutation to an order of its own, all side by side, and let the domain react after each step."""
    ids, steps = side_by_side(permutations)
    for step in steps:
        tell(*(told(order_id) for order_id, told in step))
        react()
    return ids
