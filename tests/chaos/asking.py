"""HTTP as light as it gets: one connection that is kept, and somebody who asks again until there is an answer."""

import json
import random
import time
from collections import Counter
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from shop.runner.ports import LOOPBACK

_PATIENCE = 20.0  # seconds for one answer
_AGAIN = {408, 425, 429}


class GaveUp(Exception):
    """No answer in all the time that there was."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]

    @property
    def is_final(self) -> bool:
        """Whether asking again would change nothing: neither a failure of the shop, nor somebody still at it."""
        busy = self.status in _AGAIN or (self.status == 409 and bool(self.body.get("retryable")))
        return self.status < 500 and not busy


def _reason(answer: Answer | None, path: str) -> str:
    """A 500 is always worth looking at."""
    if answer is None:
        return "no answer"
    return f"500 of {path}" if answer.status == 500 else str(answer.status)


class Asking:
    """Somebody's connection to the shop."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self._connection = HTTPConnection(LOOPBACK, port, timeout=_PATIENCE)
        self._chance = chance
        self.again: Counter[str] = Counter()
        """Why it asked again: the status of the answer, or that there was none."""
        self.slowest = 0.0

    def insist(
        self,
        method: str,
        path: str,
        body: str = "",
        *,
        until: float,
        token: str = "",
        key: str = "",
        form: bool = False,
    ) -> Answer:
        """Ask until there is a final answer. Raises `GaveUp` when the moment (monotonic) has come."""
        headers = {"Content-Type": "application/x-www-form-urlencoded" if form else "application/json"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        while True:
            began = time.monotonic()
            answer = self._ask(method, path, body, headers)
            if answer and answer.is_final:
                self.slowest = max(self.slowest, time.monotonic() - began)
                return answer
            self.again[_reason(answer, path)] += 1
            if time.monotonic() > until:
                raise GaveUp(f"{method} {path}: {answer}")
            time.sleep(self._chance.uniform(0.2, 0.6))

    def close(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> Answer | None:
        try:
            self._connection.request(method, path, body or None, headers)
            response = self._connection.getresponse()
            said = response.read()
        except (OSError, HTTPException):
            self._connection.close()
            return None
        is_json = (response.getheader("Content-Type") or "").endswith("json")
        return Answer(response.status, json.loads(said) if is_json else {})
