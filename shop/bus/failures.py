"""What becomes of an attempt that failed: another later, none counted where nobody is to blame, or a dead letter."""

import logging
import traceback

from django.db import Error
from psycopg import errors

from shop.bus import deliveries
from shop.bus.outside import Unavailable

log = logging.getLogger(__name__)

CONFLICTS = (errors.DeadlockDetected, errors.SerializationFailure)
"""What one of two transactions is told that want the same: nobody's fault."""

# Somebody holds a row for long, or the database takes nothing just now: whoever comes meanwhile cannot help it.
_TROUBLE = (*CONFLICTS, errors.LockNotAvailable, errors.DiskFull, errors.ReadOnlySqlTransaction)
_TROUBLED = 1.0  # seconds to leave alone what met with it


class Ended(RuntimeError):
    """The process was to end in the middle of it, by the handler's doing or by the time limit."""


def fail(seq: int, error: BaseException, *, attempt: int, limit: int) -> None:
    """An attempt has failed: wait for the next, or give up."""
    let_go(error)
    failure = error if isinstance(error, Exception) else Ended(f"{Ended.__doc__} {deliveries.shown(error)}")
    with deliveries.of(seq):
        _fail(seq, failure, attempt=attempt, limit=limit)


def _fail(seq: int, error: Exception, *, attempt: int, limit: int) -> None:
    if isinstance(error, Unavailable):
        deliveries.put_off(seq, attempt, error, seconds=error.retry_after)
    elif is_nobodys_fault(error):
        deliveries.put_off(seq, attempt, error, seconds=_TROUBLED)
    elif attempt >= limit:
        log.exception("delivery %s is a dead letter after %s attempts", seq, attempt, exc_info=error)
        deliveries.bury(seq, error, attempt=attempt)
    else:
        shown = deliveries.shown(error)
        log.warning("delivery %s failed in attempt %s of %s: %s", seq, attempt, limit, shown)
        deliveries.try_later(seq, attempt, error)


def is_nobodys_fault(error: BaseException) -> bool:
    """Whether the database was in trouble that had nothing to do with this work."""
    return isinstance(error, Error) and isinstance(error.__cause__, _TROUBLE)


def let_go(error: BaseException) -> None:
    """Free what the frames of a failure hold: one that ate all memory must leave the next the room to live."""
    seen: set[int] = set()
    failure: BaseException | None = error
    while failure and id(failure) not in seen:
        seen.add(id(failure))
        traceback.clear_frames(failure.__traceback__)
        failure = failure.__context__
