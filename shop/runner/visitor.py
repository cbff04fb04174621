"""Somebody who comes to the shop over HTTP and knows its front door only: signs up, logs in, orders, cancels, looks."""

import re
import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

import httpx

T = TypeVar("T")

_PATIENCE = 30.0  # seconds that anything may take before the demo has failed
_CODE = re.compile(r"^[A-Z0-9]{4}-?[A-Z0-9]{4}$", re.MULTILINE)
_ADDRESS = {
    "name": "Clara Customer",
    "line1": "Main Street 1",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
}


class DemoFailed(Exception):
    """Something that should have happened did not."""


class Visitor:
    """A new person with an address and a password of their own; `say` hears each request with its time."""

    def __init__(self, url: str, say: Callable[[str], object]) -> None:
        self._http = httpx.Client(base_url=url, timeout=10)
        self._say = say
        self._email = f"clara-{uuid4().hex[:12]}@example.com"
        self._password = uuid4().hex

    def sign_up(self) -> None:
        """Make an account, and show by the code from the mailbox that the address is ours."""
        who = {"email": self._email, "password": self._password}
        asked = self._send("POST", "/_allauth/app/v1/auth/signup", who, expect=httpx.codes.UNAUTHORIZED)
        session = {"X-Session-Token": asked["meta"]["session_token"]}
        code = self.until("the code arrives by mail", self._code)
        self._send("POST", "/_allauth/app/v1/auth/email/verify", {"key": code}, session)

    def log_in(self) -> None:
        """From here on every request carries the access token."""
        who = {"email": self._email, "password": self._password}
        answer = self._send("POST", "/_allauth/app/v1/auth/login", who)
        self._http.headers["Authorization"] = f"Bearer {answer['meta']['access_token']}"

    def place(self, sku: str, payment_method: str) -> dict[str, Any]:
        """Order two of something; the order as it was answered."""
        body = {
            "lines": [{"sku": sku, "quantity": 2}],
            "currency": "EUR",
            "shipping_address": _ADDRESS,
            "payment_method": payment_method,
        }
        return self._send("POST", "/api/v1/orders", body, _once(), expect=httpx.codes.CREATED)

    def cancel(self, order: dict[str, Any]) -> None:
        self._send("POST", order["links"]["cancellation"], {}, _once(), expect=httpx.codes.CREATED)

    def look(self, path: str) -> dict[str, Any]:
        """What stands at an address; not worth telling."""
        answer = self._http.get(path).raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def mails_about(self, words: str) -> list[dict[str, Any]]:
        mails: list[dict[str, Any]] = self.look(f"/dev/mailbox?format=json&to={self._email}&about={words}")["results"]
        return mails

    def until(self, what: str, condition: Callable[[], T]) -> T:
        """What the condition finds, as soon as it finds anything. Raises `DemoFailed` after a while."""
        deadline = time.monotonic() + _PATIENCE
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise DemoFailed(f"Waited {_PATIENCE:.0f} s in vain that {what}.")
            time.sleep(0.02)
        return found

    def _code(self) -> str | None:
        found = [_CODE.search(mail["body"]) for mail in self.mails_about("code")]
        return next((match.group() for match in found if match), None)

    def _send(
        self,
        method: str,
        path: str,
        body: dict[str, Any],
        headers: dict[str, str] | None = None,
        *,
        expect: int = httpx.codes.OK,
    ) -> dict[str, Any]:
        began = time.perf_counter()
        answer = self._http.request(method, path, json=body, headers=headers)
        took = (time.perf_counter() - began) * 1000
        if answer.status_code != expect:
            raise DemoFailed(f"{method} {path} answered {answer.status_code}: {answer.text}")
        self._say(f"  {took:6.0f} ms  {method} {re.sub('[0-9a-f-]{36}', '...', path)}  {answer.status_code}")
        told: dict[str, Any] = answer.json()
        return told


def _once() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}
