"""Doing together what threads of one process want at the same time: one transaction costs less than sixteen."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

W = TypeVar("W")
R = TypeVar("R")


class _Seat(Generic[W, R]):
    """Somebody who waits for their wish to come true, or for their turn to lead."""

    def __init__(self, wish: W) -> None:
        self.wish = wish
        self.called = threading.Event()
        self.served = False
        self.outcome: R | Exception | None = None


class Group(Generic[W, R]):
    """Who comes while nobody is at it begins at once; who comes meanwhile goes with the next.

    `do(wishes, others_wait=...)` makes all of some wishes come true, or none; what it returns for each is its result,
    or what is wrong with that one. Where it raises, each is done once more by itself: nobody fails for another. While
    `others_wait` it does well to raise instead of waiting.
    """

    def __init__(self, do: Callable[..., Sequence[R | Exception]]) -> None:
        self._do = do
        self._lock = threading.Lock()
        self._busy = False
        self._waiting: list[_Seat[W, R]] = []

    def ask(self, wish: W) -> R:
        """The result of this wish. Raises what is wrong with it."""
        seat: _Seat[W, R] = _Seat(wish)
        with self._lock:
            self._waiting.append(seat)
            leads, self._busy = not self._busy, True
        if not leads:
            seat.called.wait()
        if not seat.served:
            self._lead()
        return self.alone(wish) if seat.outcome is None else _result(seat.outcome)

    def alone(self, wish: W) -> R:
        """The same without any others."""
        (outcome,) = self._do([wish], others_wait=False)
        return _result(outcome)

    def _lead(self) -> None:
        with self._lock:
            seats, self._waiting = self._waiting, []
        try:
            for seat, outcome in zip(seats, self._done([seat.wish for seat in seats]), strict=False):
                seat.outcome = outcome
        finally:
            self._hand_on(seats)

    def _done(self, wishes: Sequence[W]) -> Sequence[R | Exception]:
        try:
            return self._do(wishes, others_wait=True)
        except Exception:  # noqa: BLE001 - each is done once more, and told then what is wrong with it
            return ()

    def _hand_on(self, seats: Sequence[_Seat[W, R]]) -> None:
        """Wake who came along; and whoever came first meanwhile leads next."""
        for seat in seats:
            seat.served = True
            seat.called.set()
        with self._lock:
            self._busy = bool(self._waiting)
            if self._waiting:
                self._waiting[0].called.set()


def _result(outcome: R | Exception) -> R:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
