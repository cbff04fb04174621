"""What a cue may ask for, beside being played: everything that has ever brought a worker down, or might."""

import itertools
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from shop.bus import publish
from tests.bus.stage.events import Echoed


class Speechless(Exception):
    """An exception that cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__


def act(what: str) -> None:
    """Do it; what nobody knows does no harm."""
    _ACTS.get(what, lambda: None)()


def _eat() -> None:
    """Take memory until there is none, and keep it as long as one can."""
    eaten = []
    while True:
        eaten.append(bytearray(1024**2))


CROWD = 500
_all_are_here = threading.Barrier(CROWD, timeout=60)


def _wait_for_all() -> None:
    """Until so many are at this in one process."""
    _all_are_here.wait()


def _hoard() -> None:
    """Take all memory to the last bit, and never let go of it."""
    for size in (1024**2, 1024, 32):
        with suppress(MemoryError):
            while True:
                _hoarded.append(bytearray(size))
    raise MemoryError


_hoarded: list[bytearray] = []


def _be_killed() -> None:
    """What a kernel without memory does."""
    os.kill(os.getpid(), signal.SIGKILL)


def _hang() -> None:
    time.sleep(600)


def _hang_on() -> None:
    """Hang, and be deaf to the soft time limit."""
    while True:
        with suppress(Exception):
            time.sleep(600)


def _hang_in_c() -> None:
    """Hang with the interpreter's lock in hand: no line of Python runs in this process any more."""
    sum(itertools.repeat(0))


def _fail(error: type[BaseException], *said: str) -> Callable[[], None]:
    def fail() -> None:
        raise error(*said)

    return fail


def _tell_what_cannot_be_kept() -> None:
    publish(Echoed(scene="a \0 in the middle"))


_ACTS: dict[str, Callable[[], None]] = {
    "rest": lambda: time.sleep(0.2),
    "wait for all": _wait_for_all,
    "pause": lambda: time.sleep(1.5),
    "exit": lambda: os._exit(1),
    "be killed": _be_killed,
    "eat": _eat,
    "hoard": _hoard,
    "hang": _hang,
    "hang on": _hang_on,
    "hang in C": _hang_in_c,
    "leave": _fail(SystemExit, "leaving"),
    "be interrupted": _fail(KeyboardInterrupt),
    "stop generating": _fail(GeneratorExit),
    "be speechless": _fail(Speechless),
    "say too much": _fail(RuntimeError, "word " * 2_000_000),
    "say half a sign": _fail(RuntimeError, "\ud800"),
    "tell a NUL": _tell_what_cannot_be_kept,
}
