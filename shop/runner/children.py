"""A child process: what to start, and how it is tied to its parent's life."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True)
class Child:
    """One program to run. The signals differ by program; see the places that make a Child."""

    name: str
    command: tuple[str | Path, ...]
    environment: Mapping[str, str]
    folder: Path
    account: pwd.struct_passwd | None = None
    stop_with: Signals = Signals.SIGTERM
    orphaned: Signals = Signals.SIGTERM  # what the kernel sends when the parent dies
    patience: float = 10.0  # seconds from the signal to SIGKILL


def spawn(child: Child, output: int, reads: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, so that Ctrl-C reaches the parent only.

    Call this from the main thread: the kernel's "parent death" is the end of the thread that forked.
    """
    command = [str(part) for part in child.command]
    if sys.platform != "linux":  # no such signal there: a process between us watches a pipe instead
        command = [sys.executable, "-m", "shop.runner.leash", child.orphaned.name, *command]
    account = child.account
    return subprocess.Popen(
        command,
        stdin=reads,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=child.folder,
        env=child.environment,
        start_new_session=True,
        preexec_fn=_follow_parent(child.orphaned),  # noqa: PLW1509 - safe: the supervisor has no threads
        user=account and account.pw_uid,
        group=account and account.pw_gid,
        extra_groups=[] if account else None,
    )


def kill_group(pid: int) -> None:
    """End the child with all its own children: a pool that lost its parent would go on."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _follow_parent(death: Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    parent, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def follow() -> None:
        prctl(_PR_SET_PDEATHSIG, death)
        if os.getppid() != parent:  # it died before the kernel knew what to do
            os._exit(1)

    return follow
