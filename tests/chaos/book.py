"""The auditor's own book: what customers sent and what they were told, written before anybody acts on it.

A file of JSON lines, only ever added to. Read back it is one `Debt` per idempotency key: a 201 has to be made good.
"""

import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Debt:
    """What was sent under one key, and what the shop is bound to by its answers."""

    key: str
    method: str = ""
    lines: dict[str, int] = field(default_factory=dict)
    orders: set[str] = field(default_factory=set)
    """The orders that answers named: one, or something is wrong."""
    refusals: set[int] = field(default_factory=set)
    """The statuses of answers that were neither a 201 nor a reason to try again."""
    cancelling: bool = False
    """Its customer has asked for a cancellation, whatever they heard of it."""
    cancelled: bool = False
    """They heard that it is cancelled."""
    approved: bool | None = None
    """What its customer wanted to say at the bank; None if they never went there."""
    told: list[dict[str, Any]] = field(default_factory=list)
    """All of its lines, for its story."""

    @property
    def accepted(self) -> bool:
        return bool(self.orders)

    def add(self, line: dict[str, Any]) -> None:
        self.told.append(line)
        match line:
            case {"sent": "order", "method": method, "lines": lines}:
                self.method, self.lines = method, lines
            case {"sent": "cancellation"}:
                self.cancelling = True
            case {"sent": "bank", "approved": approved}:
                self.approved = approved
            case {"answered": "order", "status": 201, "order": order}:
                self.orders.add(order)
            case {"answered": "order", "status": status}:
                self.refusals.add(status)
            case {"answered": "cancellation", "status": 201}:
                self.cancelled = True


class Book:
    """Many write at once: a line is one write to a file that is opened for appending."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, key: str, **facts: Any) -> None:
        """Write it down before it is sent, or before the answer is acted on."""
        line = json.dumps({"at": round(time.time(), 3), "key": key, **facts})
        os.write(self._descriptor, f"{line}\n".encode())

    def close(self) -> None:
        os.close(self._descriptor)


def read(file: Path) -> dict[str, Debt]:
    """All debts, by their keys."""
    return _debts(json.loads(line) for line in file.read_text().splitlines())


def _debts(lines: Iterable[dict[str, Any]]) -> dict[str, Debt]:
    debts: dict[str, Debt] = {}
    for line in lines:
        debts.setdefault(line["key"], Debt(line["key"])).add(line)
    return debts
