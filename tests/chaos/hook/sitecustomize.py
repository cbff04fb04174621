"""What Python runs first in every process of a stack under chaos: a clock that is wrong, a mutant that is planted.

The product knows nothing of this folder; it stands on PYTHONPATH while chaos runs, and does nothing unless told to:
CHAOS_CLOCKS is a folder with a file for each worker whose clock is off, by so many seconds as it says; CHAOS_MUTANT
names a function, as `module:function`, that is handed a patch for good once Django is set up.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from uuid import UUID


def put_the_clock_off(seconds: float) -> None:
    """What Python code of ours takes the time from. The database's clock, which decides what is due, stays right."""
    import uuid_utils.compat
    from django.utils import timezone

    right_time, right_now, right_uuid7 = time.time, timezone.now, uuid_utils.compat.uuid7
    off = timedelta(seconds=seconds)

    def uuid7(*, nanoseconds: int | None = None) -> UUID:
        return right_uuid7(nanoseconds=time.time_ns() + int(seconds * 1e9))

    time.time = lambda: right_time() + seconds
    timezone.now = lambda: right_now() + off
    uuid_utils.compat.uuid7 = uuid7


def once_django_is_set_up(act: Callable[[], None]) -> None:
    import django

    set_up = django.setup

    def set_up_and_act(set_prefix: bool = True) -> None:  # noqa: FBT001, FBT002 - Django's signature
        set_up(set_prefix)
        django.setup = set_up
        act()

    django.setup = set_up_and_act


def plant(mutant: str) -> None:
    module, _, function = mutant.partition(":")

    def act() -> None:
        import pytest

        getattr(import_module(module), function)(pytest.MonkeyPatch())

    once_django_is_set_up(act)


def own_name() -> str:
    """Which worker this is: what follows `-n` in its command line, up to the host."""
    words = sys.orig_argv
    return words[words.index("-n") + 1].partition("@")[0] if "celery" in words and "-n" in words else ""


if os.environ.get("CHAOS_CLOCKS") and own_name():
    clock = Path(os.environ["CHAOS_CLOCKS"]) / own_name()
    if clock.exists():
        put_the_clock_off(float(clock.read_text()))
if os.environ.get("CHAOS_MUTANT"):
    plant(os.environ["CHAOS_MUTANT"])
