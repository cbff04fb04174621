"""The main job without hands: somebody signs up and orders, and each order is followed to its end.

Whatever this prints was answered by the REST API, or stood in the mailbox.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop.runner.visitor import DemoFailed, Visitor


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An order, and how it has to end: a field of the order for each domain, and the mails that came of it."""

    title: str
    sku: str = ""
    payment_method: str = ""
    ends: dict[str, str]
    happened: set[str]
    mails: set[str]
    cancels: bool = False
    """It is the order of the scene before that is cancelled here, and no other is placed."""


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
        title="The same order, cancelled by its customer: the stock and the money go back",
        cancels=True,
        ends={
            "status": "cancelled",
            "cancellation_reason": "customer_request",
            "stock_status": "released",
            "payment_status": "refunded",
        },
        happened={"order.cancelled", "stock.released", "payment.refunded"},
        mails={"cancelled", "Refund"},
    ),
    Scene(
        title="A mug, paid by a card that is declined: the stock goes back",
        sku="MUG-BLUE",
        payment_method="pm_card_chargeDeclined",
        ends={
            "status": "cancelled",
            "cancellation_reason": "payment_declined",
            "stock_status": "released",
            "payment_status": "declined",
        },
        happened={"payment.declined", "order.cancelled"},
        mails={"received", "cancelled"},
    ),
    Scene(
        title="A blanket that is sold out: the money goes back",
        sku="BLANKET-SAND",
        payment_method="pm_card_visa",
        ends={
            "status": "cancelled",
            "cancellation_reason": "out_of_stock",
            "stock_status": "rejected",
            "payment_status": "voided",
        },
        happened={"stock.rejected", "order.cancelled", "payment.voided"},
        mails={"received", "cancelled"},
    ),
)


def play(url: str, say: Callable[[str], object], first_order_ended: Callable[[], object]) -> None:
    """Sign up, and play every scene. Raises `DemoFailed` if one ends otherwise than it should."""
    visitor = Visitor(url, say)
    say("\nSomebody signs up, with a code from the mailbox, and logs in")
    visitor.sign_up()
    visitor.log_in()
    order: dict[str, Any] = {}
    for scene in SCENES:
        say(f"\n{scene.title}")
        if scene.cancels:
            visitor.cancel(order)
        else:
            order, told = visitor.place(scene.sku, scene.payment_method), 0
        told = _follow(visitor, order, scene, say, told)
        if scene is SCENES[0]:
            first_order_ended()


def _follow(visitor: Visitor, order: dict[str, Any], scene: Scene, say: Callable[[str], object], told: int) -> int:
    """Wait until an order has ended as the scene says, and tell what has come to its story; how long that is now."""

    def has_ended() -> bool:
        now = visitor.look(order["links"]["self"])
        return all(now[name] == value for name, value in scene.ends.items())

    def mails_are_there() -> bool:
        subjects = " ".join(mail["subject"] for mail in visitor.mails_about(order["number"]))
        return all(word in subjects for word in scene.mails)

    visitor.until("the order ends as it should", has_ended)
    visitor.until("its mails arrive", mails_are_there)
    chapters = visitor.look(order["links"]["events"])["results"]
    if missing := scene.happened - {chapter["type"] for chapter in chapters}:
        raise DemoFailed(f"The story of the order lacks {', '.join(sorted(missing))}.")
    began = datetime.fromisoformat(chapters[told]["time"])
    for chapter in chapters[told:]:
        passed = (datetime.fromisoformat(chapter["time"]) - began).total_seconds() * 1000
        say(f"  {passed:6.0f} ms  {chapter['type']:24} {chapter['summary']}")
    ends = ", ".join(f"{name} {value}" for name, value in scene.ends.items())
    say(f"             in the end: {ends}; mailed: {', '.join(sorted(scene.mails))}")
    return len(chapters)
