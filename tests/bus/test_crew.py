"""Threads that make calls, with real threads."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from shop.bus import crew
from shop.bus.crew import Crew

_PATIENCE = 8.0  # seconds

MakeCrew = Callable[[int, Callable[[int], object]], Crew[int, object]]


@pytest.fixture
def crew_of() -> Iterator[MakeCrew]:
    """A crew of so many at most, who do this with the number that they are sent with; at the end they may go."""
    crews: list[Crew[int, object]] = []

    def made(most: int, make: Callable[[int], object]) -> Crew[int, object]:
        crews.append(Crew("tests", most, make))
        return crews[-1]

    yield made
    for each in crews:
        each.dismiss()


def _all_back(sent: Crew[int, object], count: int) -> list[list[object]]:
    """What came back each time that one looked."""
    landings: list[list[object]] = []
    while sum(map(len, landings)) < count:
        if landed := sent.back():
            landings.append(landed)
    return landings


def test_quick_calls_need_one_thread_and_land_together(crew_of: MakeCrew, monkeypatch: pytest.MonkeyPatch) -> None:
    for moment in ("_COMPANY", "_REINFORCE"):  # however slow this machine is just now
        monkeypatch.setattr(crew, moment, _PATIENCE)
    quick = crew_of(16, lambda _number: threading.get_ident())
    quick.send(range(50))

    (landed,) = _all_back(quick, 50)
    assert len(set(landed)) == 1


def test_slow_calls_get_as_many_threads_as_there_may_be_and_no_more(crew_of: MakeCrew) -> None:
    all_are_out = threading.Barrier(16)
    ours = crew_of(16, lambda _number: (all_are_out.wait(_PATIENCE), threading.get_ident())[1])
    ours.send(range(32))

    landed = [thread for together in _all_back(ours, 32) for thread in together]
    assert len(set(landed)) == 16


def test_an_answer_that_comes_by_itself_waits_for_nobody(crew_of: MakeCrew) -> None:
    slow_one_may_land = threading.Event()
    ours = crew_of(2, lambda number: (number and slow_one_may_land.wait(_PATIENCE), number)[1])
    ours.send([1, 0])
    began = time.monotonic()

    assert _all_back(ours, 1) == [[0]]
    assert time.monotonic() - began < 1
    slow_one_may_land.set()
    assert _all_back(ours, 1) == [[1]]


def test_whose_turn_has_not_come_can_be_called_back_and_is_never_sent(crew_of: MakeCrew) -> None:
    first_is_out, may_land = threading.Event(), threading.Event()
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        first_is_out.set()
        may_land.wait(_PATIENCE)
        return number

    ours = crew_of(1, make)
    ours.send([1, 2, 3])
    first_is_out.wait(_PATIENCE)

    assert ours.recall() == [2, 3]
    may_land.set()
    assert _all_back(ours, 1) == [[1]]
    assert made == [1]
