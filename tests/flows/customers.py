"""Customers as the shop knows them: by their tokens, over HTTP, and persistent."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event as Signal
from typing import Any
from uuid import uuid4

import httpx

from tests.processes import eventually
from tests.shopping import PAYS, order_json

_AGAIN = {409, 503}


@dataclass
class Customer:
    """Asks with a token; one connection, as a browser or an app would have."""

    url: str
    token: str

    def __post_init__(self) -> None:
        self.http = httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
            trust_env=False,
        )

    def order(
        self, sku: str = "MUG-BLUE", quantity: int = 1, *, method: str = PAYS, key: str | None = None
    ) -> httpx.Response:
        body = order_json({"sku": sku, "quantity": quantity}, payment_method=method)
        return self.http.post("/orders", json=body, headers={"Idempotency-Key": key or str(uuid4())})

    def insist(self, sku: str = "MUG-BLUE", *, key: str | None = None, seconds: float = 60) -> dict[str, Any]:
        """Send the same order under the same key until it is answered with 201, whatever happens on the way."""
        key = key or str(uuid4())
        deadline = time.monotonic() + seconds
        while True:
            try:
                answer = self.order(sku, key=key)
            except httpx.TransportError as error:
                assert time.monotonic() < deadline, f"no answer in {seconds} s: {error!r}"  # noqa: PT017 - it is given time
            else:
                if answer.status_code == 201:
                    return dict(answer.json())
                assert answer.status_code in _AGAIN, answer.text
                assert time.monotonic() < deadline, answer.text
            time.sleep(0.1)

    def cancel(self, order_id: str) -> httpx.Response:
        return self.http.post(f"/orders/{order_id}/cancellation", headers={"Idempotency-Key": str(uuid4())})

    def ship(self, order_id: str, **more: object) -> httpx.Response:
        """What staff do."""
        body = {"carrier": "Pigeon Post", **more}
        return self.http.post(f"/orders/{order_id}/shipments", json=body, headers={"Idempotency-Key": str(uuid4())})

    def note_delivered(self, shipment: str) -> httpx.Response:
        """What staff do; the shipment is named by its address."""
        path = f"{shipment.removeprefix('/api/v1')}/delivery"
        return self.http.post(path, headers={"Idempotency-Key": str(uuid4())})

    def look(self, order_id: str) -> dict[str, Any]:
        return dict(self.http.get(f"/orders/{order_id}").raise_for_status().json())

    def settled(self, order_id: str, *, seconds: float = 30) -> dict[str, Any]:
        """The order once it has ended and its money is where it belongs."""

        def found() -> dict[str, Any] | None:
            order = self.look(order_id)
            return order if (order["status"], order["payment_status"]) in _SETTLED else None

        settled = eventually(found, f"order {order_id} is settled", seconds=seconds)
        assert settled is not None
        return settled

    def mails(self, about: str) -> list[str]:
        """The subjects of the mails about an order's number, oldest first."""
        found = httpx.get(f"{self.url}/dev/mailbox", params={"format": "json", "about": about}, trust_env=False)
        return [mail["subject"] for mail in reversed(found.json()["results"])]


_SETTLED = {
    ("confirmed", "captured"),
    ("cancelled", "declined"),
    ("cancelled", "voided"),
    ("cancelled", "refunded"),
}


@dataclass
class Crowd:
    """Customers who keep ordering while something happens to the shop."""

    placed: list[dict[str, Any]] = field(default_factory=list)
    """The orders that were answered with 201."""
    seconds: list[float] = field(default_factory=list)
    """How long each of them had to insist."""

    def until_more_are_placed(self, count: int = 5) -> None:
        """Wait for so many more answers, so that what happens next happens to a shop at work."""
        wanted = len(self.placed) + count
        eventually(lambda: len(self.placed) >= wanted, f"{count} more orders are placed", seconds=60)


@contextmanager
def keep_ordering(url: str, token: str, *, customers: int = 3, pause: float = 0.05) -> Iterator[Crowd]:
    """Order mugs from several connections at once until the block ends, and then until each last order is answered."""
    crowd, enough = Crowd(), Signal()

    def order() -> None:
        customer = Customer(url, token)
        while not enough.is_set():
            began = time.monotonic()
            crowd.placed.append(customer.insist())
            crowd.seconds.append(time.monotonic() - began)
            enough.wait(pause)
        customer.http.close()

    with ThreadPoolExecutor(customers) as threads:
        ordering = [threads.submit(order) for _ in range(customers)]
        try:
            yield crowd
        finally:
            enough.set()
        for each in ordering:
            each.result()
