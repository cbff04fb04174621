"""The main job without hands: an HTTP client that places orders and follows each to its end.

It knows the stack by its front door only. Whatever it prints was answered by the REST API or stood in the mailbox.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from shop.money import Money

T = TypeVar("T")

_PATIENCE = 30.0  # seconds that anything may take before the demo has failed
_ADDRESS = {
    "name": "Clara Customer",
    "line1": "Main Street 1",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
}


class DemoFailed(Exception):
    """Something that should have happened did not."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An order, and how it has to end: a field of the order for each domain, and the mails that came of it."""

    title: str
    sku: str
    payment_method: str
    ends: dict[str, str]
    happened: set[str]
    mails: set[str]


SCENES = (
    Scene(
        title="A mug, paid by a card that works",
        sku="MUG-BLUE",
        payment_method="pm_card_visa",
        ends={"status": "confirmed", "stock_status": "held", "payment_status": "captured"},
        happened={"stock.reserved", "payment.authorized", "order.confirmed", "payment.captured"},
        mails={"received", "confirmed", "Receipt"},
    ),
    Scene(
        title="A mug, paid by a card that is declined: the stock goes back",
        sku="MUG-BLUE",
        payment_method="pm_card_chargeDeclined",
        ends={"status": "cancelled", "cancellation_reason": "payment_declined", "payment_status": "declined"},
        happened={"payment.declined", "order.cancelled"},
        mails={"received", "cancelled"},
    ),
    Scene(
        title="A blanket that is sold out: the money goes back",
        sku="BLANKET-SAND",
        payment_method="pm_card_visa",
        ends={"status": "cancelled", "cancellation_reason": "out_of_stock", "payment_status": "voided"},
        happened={"stock.rejected", "order.cancelled", "payment.voided"},
        mails={"received", "cancelled"},
    ),
)


class Customer:
    """Plays scenes against a running shop."""

    def __init__(self, url: str, token: str, say: Callable[[str], object]) -> None:
        self._shop = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        self._say = say

    def play(self, scene: Scene) -> None:
        """Place the scene's order and follow it to its end; raises `DemoFailed` if it ends otherwise."""
        self._say(f"\n{scene.title}")
        order = self._place(scene)
        self._until("the order ends as it should", lambda: self._has_ended(order, scene))
        self._until("its stock is settled", lambda: self._stock_is_settled(order))
        self._until("its mails arrive", lambda: scene.mails <= self._mails(order))
        self._tell(order, scene)

    def _place(self, scene: Scene) -> dict[str, Any]:
        body = {
            "lines": [{"sku": scene.sku, "quantity": 2}],
            "currency": "EUR",
            "shipping_address": _ADDRESS,
            "payment_method": scene.payment_method,
        }
        began = time.perf_counter()
        answer = self._shop.post("/api/v1/orders", json=body, headers={"Idempotency-Key": str(uuid4())})
        took = (time.perf_counter() - began) * 1000
        if answer.status_code != httpx.codes.CREATED:
            raise DemoFailed(f"POST /api/v1/orders answered {answer.status_code}: {answer.text}")
        order: dict[str, Any] = answer.json()
        total = Money(order["total"], order["currency"])
        self._say(f"  {took:6.0f} ms  201 Created: order {order['number']}, {total}")
        return order

    def _has_ended(self, order: dict[str, Any], scene: Scene) -> bool:
        now = self._get(order["links"]["self"])
        return all(now[name] == value for name, value in scene.ends.items())

    def _stock_is_settled(self, order: dict[str, Any]) -> bool:
        """Nothing of a cancelled order is held: what was reserved was released."""
        now = self._get(order["links"]["self"])
        return now["status"] == "confirmed" or now["stock_status"] in {"released", "rejected"}

    def _tell(self, order: dict[str, Any], scene: Scene) -> None:
        chapters = self._get(order["links"]["events"])["results"]
        if missing := scene.happened - {chapter["type"] for chapter in chapters}:
            raise DemoFailed(f"The story of the order lacks {', '.join(sorted(missing))}.")
        placed = datetime.fromisoformat(chapters[0]["time"])
        for chapter in chapters:
            passed = (datetime.fromisoformat(chapter["time"]) - placed).total_seconds() * 1000
            self._say(f"  {passed:6.0f} ms  {chapter['type']:24} {chapter['summary']}")
        ends = ", ".join(f"{name} {value}" for name, value in scene.ends.items())
        self._say(f"             in the end: {ends}; mailed: {', '.join(sorted(scene.mails))}")

    def _mails(self, order: dict[str, Any]) -> set[str]:
        mails = self._get("/dev/mailbox?format=json&about=" + order["number"])["results"]
        return {word for mail in mails for word in mail["subject"].replace("We have received", "received").split()}

    def _get(self, path: str) -> dict[str, Any]:
        answer = self._shop.get(path).raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def _until(self, what: str, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise DemoFailed(f"Waited {_PATIENCE:.0f} s in vain that {what}.")
            time.sleep(0.02)
