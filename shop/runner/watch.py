"""One child under watch: its process, what it says, and how often it crashed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from datetime import UTC, datetime

from shop import logs
from shop.runner.children import Child, kill_group, spawn

_RAN_WELL = 10.0  # seconds; whoever lived that long starts from the shortest wait again
_LONGEST_WAIT = 15.0  # seconds
_STALLED = 60.0  # seconds without progress; a drain ends after ten, and the next begins within two
_LONGEST_LINE = 64 * 1024


class Watched:
    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: subprocess.Popen[bytes] | None = None
        self.status: int | None = None  # of the last process
        self.said: deque[str] = deque(maxlen=100)
        self.due = 0.0  # when to start again
        self._started = 0.0
        self._crashes = 0
        self._line = b""

    def start(self) -> None:
        self._started = time.monotonic()
        try:
            self.process = spawn(self.child, output=subprocess.PIPE)
        except OSError as error:
            self.say(f"cannot start: {error}")
            self.wait_longer()
            return
        os.set_blocking(self.output, False)

    @property
    def output(self) -> int:
        """The end of the pipe that carries its words."""
        if self.process is None or self.process.stdout is None:
            raise ValueError(f"{self.child.name} is not running")
        return self.process.stdout.fileno()

    def listen(self) -> bool:
        """Pass on what it said since; False when there is nothing more to come."""
        try:
            heard = os.read(self.output, _LONGEST_LINE)
        except BlockingIOError:
            return True
        self._hear(heard)
        return bool(heard)

    def _hear(self, heard: bytes) -> None:
        *lines, self._line = (self._line + heard).split(b"\n")
        if len(self._line) > _LONGEST_LINE or not heard:
            lines, self._line = [*lines, self._line], b""
        for line in lines:
            if line.strip():
                self.say(line.decode(errors="replace"))

    def say(self, line: str) -> None:
        self.said.append(line)
        say(self.child.name, line)

    def ask_to_stop(self) -> None:
        if self.process:
            self.process.send_signal(self.child.stop_with)

    def kill(self) -> None:
        if self.process:
            kill_group(self.process.pid)

    def is_dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def has_stalled(self) -> bool:
        """Whether it has made no progress for a minute, whatever its process looks like."""
        if self.child.progress is None or time.monotonic() - self._started < _STALLED:
            return False
        try:
            return time.time() - self.child.progress.stat().st_mtime > _STALLED
        except FileNotFoundError:
            return True

    def bury(self) -> None:
        """Close what the dead process leaves: children of its own, and its last words."""
        if self.process is None or self.process.stdout is None:
            return
        kill_group(self.process.pid)
        with contextlib.suppress(BlockingIOError):
            while heard := os.read(self.output, _LONGEST_LINE):
                self._hear(heard)
        self._hear(b"")
        self.process.stdout.close()
        self.status, self.process = self.process.returncode, None

    def wait_longer(self) -> None:
        """Count a crash, and set when to start again: later each time, unless it had run well."""
        ran_well = time.monotonic() - self._started > _RAN_WELL
        self._crashes = 1 if ran_well else self._crashes + 1
        wait = min(0.25 * 2**self._crashes, _LONGEST_WAIT)
        self.due = time.monotonic() + wait
        self.say(f"ended ({_reason(self.status)}); starting it again in {wait:g} s")


def say(name: str, line: str) -> None:
    try:
        sys.stdout.write(f"{_told(name, line)}\n")
        sys.stdout.flush()
    except OSError:  # the terminal is gone: be silent from now on, and stop
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        signal.raise_signal(signal.SIGHUP)


def _told(name: str, line: str) -> str:
    """A line of a child's with its name; where programs read, also what children say to people is JSON."""
    match style():
        case "json" if line.startswith('{"'):
            return f'{{"process": {json.dumps(name)}, {line[1:]}'
        case "json":
            moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
            return json.dumps({"process": name, "time": moment, "level": "info", "message": line})
        case "color":
            return f"\x1b[2m{name:<13} |\x1b[0m {line}"
        case _:
            return f"{name:<13} | {line}"


def style() -> str:
    """How everything is written that passes through here, by us and by our children."""
    return logs.style_for(sys.stdout, os.environ.get("LOG_FORMAT", ""))


def _reason(status: int | None) -> str:
    if status is None:
        return "not started"
    return f"signal {-status}" if status < 0 else f"status {status}"
