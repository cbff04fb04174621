"""Customers and staff: each has a script, asks over HTTP, and asks again with the same key until there is an answer."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import close_old_connections
from django.test import Client

if TYPE_CHECKING:
    from tests.simulation.processes import Process

_AGAIN = {409, 503}
"""With `retryable` in the problem: the same request may be answered otherwise later."""


@dataclass(frozen=True)
class Request:
    """A POST to `/api/v1`. The key is the script's: sent again it is the same request."""

    path: str
    body: Mapping[str, Any]
    key: str


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any

    @property
    def is_final(self) -> bool:
        return self.status not in _AGAIN or not self.body["retryable"]


Script = Generator[Request | None, Answer, None]
"""What somebody asks for, one after the other; None while there is nothing to ask for yet."""


@dataclass
class Person:
    """Somebody with a token and a script."""

    name: str
    token: str
    script: Script
    has_finished: bool = False
    told: dict[str, Answer] = field(default_factory=dict)
    """The final answers, by the keys of their requests."""
    contradictions: list[tuple[Any, ...]] = field(default_factory=list)
    """Where one request got two answers."""
    _wanted: Request | None = None
    _heard: Answer | None = None

    def wish(self) -> Request | None:
        """What is to be asked now; whoever waits looks once more."""
        if self._wanted is None and not self.has_finished:
            try:
                self._wanted = self.script.send(self._heard)  # type: ignore[arg-type]  # None begins a generator
            except StopIteration:
                self.has_finished = True
            self._heard = None
        return self._wanted

    def ask(self, process: Process) -> Answer | None:
        """Ask for what is wished; None if no answer came."""
        wanted = self._wanted
        if wanted is None:
            return None
        answer = process.run(lambda: _answered(wanted, self.token))
        if answer is not None and answer.is_final:
            self._note(wanted, answer)
        return answer

    def _note(self, wanted: Request, answer: Answer) -> None:
        known = self.told.setdefault(wanted.key, answer)
        if (known.status, known.body.get("id")) != (answer.status, answer.body.get("id")):
            self.contradictions.append((self.name, wanted.path, known, answer))
        if self._wanted is wanted:  # else somebody has asked the same meanwhile, and gone on
            self._wanted, self._heard = None, answer


_http = Client(raise_request_exception=False)


def _answered(wanted: Request, token: str) -> Answer:
    close_old_connections()
    response = _http.post(
        f"/api/v1{wanted.path}",
        json.dumps(wanted.body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": wanted.key},
    )
    return Answer(response.status_code, response.json())
