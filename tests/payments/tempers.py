"""Sandbox gateways with a temper of their own; PAYMENT_GATEWAY names one of them."""

import os
import signal
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from django.db import connection

from payments.gateways import Entry, Request, Result
from payments.gateways.sandbox import SandboxGateway
from shop.bus import Unavailable


class Away(SandboxGateway):
    """Nobody answers the telephone, until `back`."""

    back: ClassVar[bool] = False

    def perform(self, request: Request) -> Result:
        self._pick_up()
        return super().perform(request)

    def find(self, key: str) -> Result | None:
        self._pick_up()
        return super().find(key)

    def statement(self, *, since: datetime) -> Iterator[Entry]:
        self._pick_up()
        return super().statement(since=since)

    def _pick_up(self) -> None:
        if not Away.back:
            raise Unavailable("nobody picks up", retry_after=0.05)


class ShowsNoBook:
    """All that a gateway has to be, and no more."""

    def perform(self, request: Request) -> Result:
        return SandboxGateway().perform(request)

    def find(self, key: str) -> Result | None:
        return SandboxGateway().find(key)


class Refuses(SandboxGateway):
    """Does everything but what is in `refused`."""

    refused: ClassVar[set[str]] = set()

    def perform(self, request: Request) -> Result:
        if request.operation in self.refused:
            return Result(done=False, charge=request.charge, code="not_allowed")
        return super().perform(request)


class Interrupted(SandboxGateway):
    """While the gateway does what is asked, and before it answers, something else happens."""

    meanwhile: ClassVar[dict[str, Callable[[], None]]] = {}

    def perform(self, request: Request) -> Result:
        result = super().perform(request)
        happens = self.meanwhile.pop(request.operation, None)
        if happens:
            try:
                happens()
            finally:
                connection.close()
        return result


class KillsItsWorker(SandboxGateway):
    """The money moves, and then the worker is dead, once."""

    def perform(self, request: Request) -> Result:
        result = super().perform(request)
        died = Path(os.environ["DEATHS"], "died")
        if not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return result
