"""Publishing: an event is written in the transaction that makes it true, or not at all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

from shop.bus import bells, log
from shop.bus.context import current
from shop.bus.event import Event
from shop.bus.log import Letter


class NotInTransaction(RuntimeError):
    """Events are published inside the transaction that makes them true; open `transaction.atomic()` around both."""


class Gathering:
    """Events held back until the end of a block.

    Each leaves a mark among the connection's commit hooks. Django forgets the marks of a savepoint that is rolled
    back, so what has lost its mark did not happen.
    """

    def __init__(self) -> None:
        self._letters: list[tuple[Letter, Callable[[], None]]] = []

    def hold(self, letter: Letter) -> None:
        def mark() -> None:
            """Nothing to do on commit: being registered is the message."""

        transaction.on_commit(mark)
        self._letters.append((letter, mark))

    def standing(self) -> list[Letter]:
        marks = {id(hook[1]) for hook in connection.run_on_commit}
        return [letter for letter, mark in self._letters if id(mark) in marks]


_gathering: ContextVar[Gathering | None] = ContextVar("gathering", default=None)


def publish(event: Event) -> None:
    """Tell everybody that this is true now. They hear of it when the transaction commits.

    Raises `NotInTransaction` outside of `transaction.atomic()`.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(NotInTransaction.__doc__)
    letter = Letter(event, current(event.key))
    gathering = _gathering.get()
    if gathering is None:
        _write([letter])
    else:
        gathering.hold(letter)


@contextmanager
def gather() -> Iterator[Gathering]:
    """A transaction that holds its events back, and writes those that still stand at its end, in one statement.

    Subjects are locked in sorted order then, as late as can be. Inside another gathering it is part of that one. It
    takes no savepoint: what fails in it fails the transaction around, so that no row can stay without its news.
    """
    outer = _gathering.get()
    if outer is not None:
        yield outer
        return
    gathering = Gathering()
    with transaction.atomic(savepoint=False):
        token = _gathering.set(gathering)
        try:
            yield gathering
        finally:
            _gathering.reset(token)
        _write(gathering.standing())


def _write(letters: list[Letter]) -> None:
    if not letters:
        return
    queues = log.write(letters)
    if queues:
        transaction.on_commit(lambda: bells.ring(queues), robust=True)
