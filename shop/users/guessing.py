"""Guessing a password gets slower, and the right one always works: no stranger can lock anybody out.

After some wrong passwords for one e-mail address, known or not, every further answer about it takes longer, from
wherever it is asked. How often one client may be wrong at all is a rate limit; see ACCOUNT_RATE_LIMITS.
"""

import hashlib
import time
from threading import BoundedSemaphore

from django.core.cache import cache

_FREE = 5  # wrong passwords before it gets slower
_STEP = 0.1  # seconds more for each further one
_MOST = 1.0
_MEMORY = 600  # seconds without a wrong password until all is forgotten

# Waiting takes a thread of the web: a flood of guesses must not take them all. Who finds no place does not wait.
_places = BoundedSemaphore(4)


def pause(login: str) -> None:
    """Wait as long as is due for this e-mail address."""
    due = min(_MOST, _STEP * (cache.get(_key(login), 0) - _FREE))
    if due > 0 and _places.acquire(blocking=False):
        try:
            time.sleep(due)
        finally:
            _places.release()


def note_wrong(login: str) -> None:
    """A password was wrong for this e-mail address."""
    cache.set(_key(login), cache.get(_key(login), 0) + 1, _MEMORY)


def _key(login: str) -> str:
    return f"wrong-passwords:{hashlib.sha256(login.lower().encode()).hexdigest()}"
