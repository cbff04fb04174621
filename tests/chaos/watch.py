"""The watch: while the storm goes on it looks at the shop every second, and says when it is crowded or unwell."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event as Signal
from threading import Lock, Thread

import psycopg

from tests.chaos.auditor import Auditor, Finding

_EVERY = 1.0  # seconds
_AUDIT_EVERY = 5.0


@dataclass
class Watch:
    """`crowded` goes up while more orders are open than `most`, so that the stack is not buried under them."""

    auditor: Callable[[], Auditor]
    crowded: Signal
    most: int
    findings: list[Finding] = field(default_factory=list)
    recoveries: dict[str, float] = field(default_factory=dict)
    """For each kind of fault, the most seconds from its end until all was done that had been due by then."""
    failures: list[BaseException] = field(default_factory=list)
    looks: int = 0
    oldest: tuple[float, str] = (0.0, "")
    _ended: list[tuple[str, float]] = field(default_factory=list)
    _over: Signal = field(default_factory=Signal)
    _lock: Lock = field(default_factory=Lock)
    _thread: Thread | None = None

    def begin(self) -> None:
        self._thread = Thread(target=self._keep_looking, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()
        for failure in self.failures:
            raise failure

    def heard_of_healing(self, name: str) -> None:
        with self._lock:
            self._ended.append((name, time.monotonic()))

    def look(self) -> None:
        """Once; a database that is away is nothing to wonder at in a storm."""
        placed, age, what = self.auditor().waiting()
        self.oldest = max(self.oldest, (age, what))
        oldest = time.monotonic() - age
        if placed > self.most:
            self.crowded.set()
        elif placed < self.most * 2 / 3:
            self.crowded.clear()
        with self._lock:
            for name, at in [each for each in self._ended if each[1] < oldest]:
                self.recoveries[name] = max(self.recoveries.get(name, 0.0), time.monotonic() - at)
                self._ended.remove((name, at))

    def _keep_looking(self) -> None:
        audit_at = time.monotonic() + _AUDIT_EVERY
        try:
            while not self._over.wait(_EVERY):
                try:
                    self.look()
                    if time.monotonic() > audit_at:
                        self.findings += self.auditor().look()
                        self.looks += 1
                        audit_at = time.monotonic() + _AUDIT_EVERY
                except (psycopg.OperationalError, psycopg.InterfaceError, OSError):
                    continue
        except BaseException as failure:  # noqa: BLE001 - it is raised where somebody hears it
            self.failures.append(failure)
