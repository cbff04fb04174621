"""Connections to the mail server, kept open between mails: to make one costs more than to send by it.

Each is used by one thread at a time, so there are never more than threads that send. What an API needs, such as a
session, is kept in the same way.
"""

import atexit
import select
import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import get_connection

_OLDEST = 60.0  # seconds since it was opened
_WELL = 250  # what SMTP answers to who asks for nothing


class _Kept(NamedTuple):
    connection: Any  # whatever back-end Django is set to has made
    opened: float


_SERVER = ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "ANYMAIL")
_idle: dict[tuple[str, ...], list[_Kept]] = {}
"""Those that nobody uses, by the settings that they were made by."""


@contextmanager
def connection() -> Iterator[Any]:
    """An open connection of Django's back-end. Who fails with it may leave it in the middle of a mail: it is closed."""
    idle = _idle.setdefault(tuple(str(getattr(settings, name)) for name in _SERVER), [])
    kept = _living(idle)
    try:
        yield kept.connection
    except BaseException:
        _close(kept)
        raise
    idle.append(kept)


@atexit.register
def close_idle() -> None:
    """Say goodbye to all servers."""
    for idle in _idle.values():
        while idle:
            _close(idle.pop())


def _living(idle: list[_Kept]) -> _Kept:
    while idle:
        with suppress(IndexError):  # another thread was quicker
            kept = idle.pop()
            if time.monotonic() - kept.opened < _OLDEST and _is_alive(kept.connection):
                return kept
            _close(kept)
    made = get_connection()
    made.open()
    return _Kept(made, time.monotonic())


def _is_alive(made: Any) -> bool:  # as above
    """A server that has gone, or sends us away, has said so; who has nothing to say is there."""
    server = getattr(made, "connection", None)
    if not isinstance(server, smtplib.SMTP):
        return True
    if server.sock is None:
        return False
    listening = select.poll()
    listening.register(server.sock, select.POLLIN)
    try:
        return not listening.poll(0) or server.noop()[0] == _WELL
    except OSError:
        return False


def _close(kept: _Kept) -> None:
    with suppress(OSError):
        kept.connection.close()
