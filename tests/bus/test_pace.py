"""How many deliveries make a batch."""

import time

import pytest

from shop.bus.pace import Pace


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still until the test moves it."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def _batch(pace: Pace, now: list[float], count: int, seconds: float) -> None:
    with pace.measured(count):
        now[0] += seconds


def test_a_batch_grows_to_what_takes_a_tenth_of_a_second_and_at_most_twofold(now: list[float]) -> None:
    pace = Pace()

    _batch(pace, now, 50, seconds=1 / 64)
    assert pace.size == 100

    _batch(pace, now, 100, seconds=1 / 16)
    assert pace.size == 160


def test_a_batch_never_exceeds_five_hundred(now: list[float]) -> None:
    pace = Pace()

    for _ in range(10):
        _batch(pace, now, pace.size, seconds=0.001)

    assert pace.size == 500


def test_a_slow_batch_makes_the_next_one_small_at_once(now: list[float]) -> None:
    pace = Pace()

    _batch(pace, now, 50, seconds=50)

    assert pace.size == 8


def test_a_batch_much_smaller_than_allowed_teaches_nothing(now: list[float]) -> None:
    pace = Pace()

    _batch(pace, now, 1, seconds=0.09)

    assert pace.size == 50
