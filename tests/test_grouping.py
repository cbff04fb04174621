"""What is wanted at the same time is done together."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from shop.grouping import Group
from tests.processes import eventually


class Odd(ValueError):
    """A wish that cannot come true."""


class Work:
    """Doubles numbers, and waits with its first group until it is let go on. Odd ones are refused, and 0 fails all."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.singles: list[list[int]] = []
        self.go_on = threading.Event()
        self.group: Group[int, int] = Group(self._do)

    def _do(self, numbers: Sequence[int], *, others_wait: bool) -> list[int | Exception]:
        (self.groups if others_wait else self.singles).append(list(numbers))
        if len(self.groups) == 1:
            self.go_on.wait(10)
        if 0 in numbers:
            raise ZeroDivisionError
        return [Odd(str(number)) if number % 2 else number * 2 for number in numbers]

    def ask(self, threads: ThreadPoolExecutor, *numbers: int) -> list["Future[int]"]:
        """Somebody begins with the first number; the others come meanwhile, one after the other."""
        asked = []
        for place, number in enumerate(numbers):
            asked.append(threads.submit(self.group.ask, number))
            eventually(lambda place=place: self.groups and len(self.group._waiting) == place, "it waits")  # type: ignore[misc]  # a lambda's default
        self.go_on.set()
        return asked


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def asked(work: Work, request: pytest.FixtureRequest) -> list["Future[int]"]:
    with ThreadPoolExecutor(8) as threads:
        return work.ask(threads, *request.param)


def test_who_comes_alone_is_served_at_once(work: Work) -> None:
    work.go_on.set()

    assert [work.group.ask(2), work.group.ask(4)] == [4, 8]
    assert work.groups == [[2], [4]]


@pytest.mark.parametrize("asked", [(2, 4, 6, 8)], indirect=True)
def test_who_comes_while_somebody_is_served_goes_with_the_next(work: Work, asked: list["Future[int]"]) -> None:
    assert [each.result(10) for each in asked] == [4, 8, 12, 16]
    assert work.groups == [[2], [4, 6, 8]]


@pytest.mark.parametrize("asked", [(2, 4, 5, 8)], indirect=True)
def test_what_is_wrong_with_one_is_told_to_nobody_else(work: Work, asked: list["Future[int]"]) -> None:
    assert isinstance(asked[2].exception(10), Odd)
    assert [asked[place].result(10) for place in (0, 1, 3)] == [4, 8, 16]
    assert work.groups == [[2], [4, 5, 8]]


@pytest.mark.parametrize("asked", [(2, 4, 0, 5)], indirect=True)
def test_a_group_that_fails_is_served_one_by_one(work: Work, asked: list["Future[int]"]) -> None:
    assert isinstance(asked[2].exception(10), ZeroDivisionError)
    assert isinstance(asked[3].exception(10), Odd)
    assert [asked[place].result(10) for place in (0, 1)] == [4, 8]
    assert work.groups == [[2], [4, 0, 5]]
    assert sorted(work.singles) == [[0], [4], [5]]


@pytest.mark.parametrize("asked", [(0, 4, 6)], indirect=True)
def test_whoever_fails_at_the_head_leaves_the_others_a_head(work: Work, asked: list["Future[int]"]) -> None:
    assert isinstance(asked[0].exception(10), ZeroDivisionError)
    assert [each.result(10) for each in asked[1:]] == [8, 12]
    assert work.group.ask(2) == 4
