"""Customers who keep ordering whatever happens, insist on answers, cancel, and go to their banks."""

import hashlib
import json
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event as Signal

from tests.chaos.asking import Answer, Asking, GaveUp
from tests.chaos.book import Book
from tests.chaos.wishes import ASKS_THE_BANK, Wish, wish

_PATIENCE = 90.0  # seconds that somebody insists on an answer
_THINKS = (1.0, 4.0)  # seconds until somebody cancels, or goes to the bank


@dataclass(frozen=True, slots=True)
class Order:
    """An order that somebody has, under the key that they have sent."""

    key: str
    order_id: str
    token: str
    wish: Wish


@dataclass(frozen=True, slots=True)
class Plan:
    """Something that a customer will do, not before a moment."""

    at: float
    order: Order
    do: Callable[[Order], bool]
    """Whether that was all, or they will have to come back."""


class Customer:
    """One connection, one order after the other; sometimes signed in, sometimes a guest."""

    def __init__(self, number: int, seed: int, port: int, tokens: Sequence[str], book: Book) -> None:
        self._chance = random.Random(f"{seed}/{number}")  # noqa: S311 - a storm that can be had again
        self._name = f"{seed}-{number}"
        self._tokens, self._book = tokens, book
        self._plans: list[Plan] = []
        self._orders = 0
        self.asking = Asking(port, self._chance)

    def keep_at_it(self, enough: Signal, crowded: Signal, pause: float) -> None:
        """Until it is enough; while the shop is crowded do only what was planned."""
        while not enough.is_set():
            if crowded.is_set():
                enough.wait(0.1)
            else:
                with suppress(GaveUp):
                    self._order(wish(self._chance))
                enough.wait(pause)
            self._carry_out(before=time.monotonic())
        closing = time.monotonic() + _PATIENCE
        while self._plans and time.monotonic() < closing:
            self._carry_out(before=time.monotonic())
            time.sleep(0.2)
        self.asking.close()

    def _order(self, wish: Wish) -> None:
        self._orders += 1
        key = f"chaos-{self._name}-{self._orders:06}"
        token = "" if wish.guest else self._chance.choice(self._tokens)
        body = json.dumps(wish.body(key))
        digest = hashlib.sha256(body.encode()).hexdigest()[:16]
        self._book.note(key, sent="order", body=digest, method=wish.method, lines=wish.lines, guest=wish.guest)
        for _ in range(2 if wish.repeats else 1):
            answer = self._insist("POST", "/api/v1/orders", body, token=token, key=key)
            self._book.note(key, answered="order", status=answer.status, order=answer.body.get("id", ""))
        if answer.status == 201:
            self._plan(Order(key, answer.body["id"], token or answer.body["access_token"], wish))

    def _plan(self, order: Order) -> None:
        soon = time.monotonic() + self._chance.choice((0.0, self._chance.uniform(*_THINKS)))
        if order.wish.cancels:
            self._plans.append(Plan(soon, order, self._cancel))
        if order.wish.looks:
            self._plans.append(Plan(soon, order, self._look))
        if order.wish.method == ASKS_THE_BANK:
            self._plans.append(Plan(time.monotonic() + self._chance.uniform(*_THINKS), order, self._go_to_the_bank))

    def _carry_out(self, before: float) -> None:
        due = [plan for plan in self._plans if plan.at <= before]
        self._plans = [plan for plan in self._plans if plan.at > before]
        for plan in due:
            with suppress(GaveUp):
                if not plan.do(plan.order):
                    self._plans.append(Plan(time.monotonic() + _THINKS[0], plan.order, plan.do))

    def _cancel(self, order: Order) -> bool:
        self._book.note(order.key, sent="cancellation")
        path = f"/api/v1/orders/{order.order_id}/cancellation"
        answer = self._insist("POST", path, "{}", token=order.token, key=f"{order.key}-cancellation")
        self._book.note(order.key, answered="cancellation", status=answer.status)
        return True

    def _look(self, order: Order) -> bool:
        answer = self._insist("GET", f"/api/v1/orders/{order.order_id}", token=order.token)
        self._book.note(order.key, answered="look", status=answer.status, as_it_is=answer.body.get("status"))
        return True

    def _go_to_the_bank(self, order: Order) -> bool:
        """As soon as the shop has said where to go; and they come back until the shop has heard of it."""
        found = self._insist("GET", f"/api/v1/payments?order={order.order_id}", token=order.token).body["results"]
        if not found or found[0]["status"] == "pending":
            return False
        if found[0]["status"] != "action_required":
            return True
        said = "approve" if order.wish.approves else "decline"
        self._book.note(order.key, sent="bank", approved=order.wish.approves)
        answer = self._insist("POST", found[0]["action"]["url"], f"answer={said}", form=True)
        self._book.note(order.key, answered="bank", status=answer.status)
        if answer.status == 409:  # the page may have failed after the bank had heard
            self._insist("POST", found[0]["links"]["confirmation"], "{}", token=order.token, key=_another(order))
        return False

    def _insist(
        self, method: str, path: str, body: str = "", *, token: str = "", key: str = "", form: bool = False
    ) -> Answer:
        return self.asking.insist(
            method, path, body, token=token, key=key, form=form, until=time.monotonic() + _PATIENCE
        )


def _another(order: Order) -> str:
    return f"{order.key}-back-{time.monotonic_ns()}"
