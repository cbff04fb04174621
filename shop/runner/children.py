"""A child process: what to start, and how it is tied to its parent's life."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from signal import Signals

from shop.runner import leash

_PR_SET_PDEATHSIG = 1
_KERNEL_TELLS = sys.platform == "linux"


@dataclass(frozen=True, kw_only=True)
class Child:
    """One program to run. Which signals it understands is known where it is made."""

    name: str
    command: tuple[str | Path, ...]
    environment: Mapping[str, str]
    folder: Path
    account: pwd.struct_passwd | None = None
    stop_with: Signals = Signals.SIGTERM
    orphaned: Signals = Signals.SIGTERM  # what it gets when its parent dies
    patience: float = 10.0  # seconds from stop_with to SIGKILL
    progress: Path | None = None  # a file that it touches as it gets on; who does not for long is started again


def spawn(child: Child, output: int, reads: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, so that Ctrl-C reaches the parent only.

    Call this from the main thread: what the kernel takes for the parent's death is the end of the thread that forked.
    """
    command = [str(part) for part in child.command]
    lifelines = [] if _KERNEL_TELLS else [_lifeline()]
    if not _KERNEL_TELLS:
        command = [sys.executable, leash.__file__, str(lifelines[0]), child.orphaned.name, *command]
    return subprocess.Popen(
        command,
        stdin=reads,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=child.folder,
        env=child.environment,
        start_new_session=True,
        pass_fds=lifelines,
        preexec_fn=_follow_parent(child.orphaned) if _KERNEL_TELLS else None,  # noqa: PLW1509 - we have no threads
        user=child.account and child.account.pw_uid,
        group=child.account and child.account.pw_gid,
        extra_groups=[] if child.account else None,
    )


def kill_group(pid: int) -> None:
    """End what is left of a child: a pool that lost its parent would go on."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _follow_parent(orphaned: Signals) -> Callable[[], None]:
    parent, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def follow() -> None:
        prctl(_PR_SET_PDEATHSIG, orphaned)
        if os.getppid() != parent:  # it died before the kernel knew what to do
            os._exit(1)

    return follow


@cache
def _lifeline() -> int:
    """The reading end of a pipe that ends when this process does."""
    return os.pipe()[0]
