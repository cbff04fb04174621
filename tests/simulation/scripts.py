"""What customers and staff do, as their scripts say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from orders.models import Order
from payments.gateways import sandbox
from payments.models import Payment
from tests.shopping import ADDRESS
from tests.simulation.people import Request, Script

PATIENCE = 40
"""How often somebody looks again before they stop waiting."""

Orders = dict[str, str]
"""The ids of orders, by the names that the scenario has for them."""


@dataclass(frozen=True)
class Plan:
    """One order, and what becomes of it as far as people decide. Each wait is so many looks."""

    name: str
    lines: Mapping[str, int]
    method: str
    asks_twice: bool = False
    cancels_after: int | None = None
    bank: bool | None = None
    comes_back: bool = False
    ships: tuple[int, ...] = ()
    takes_back: int = 0
    refunds: int = 0

    @property
    def first_sku(self) -> str:
        return next(iter(self.lines))


def customer(plan: Plan, orders: Orders) -> Script:
    """Orders, perhaps twice with one key; acts at the bank if that is wanted; perhaps cancels."""
    answer = yield (order := _order(plan))
    if answer.status != HTTPStatus.CREATED:
        return
    orders[plan.name] = answer.body["id"]
    if plan.asks_twice:
        yield order
    if plan.bank is not None:
        yield from _act_at_the_bank(plan, orders[plan.name])
    if plan.cancels_after is not None:
        for _ in range(plan.cancels_after):
            yield None
        yield Request(f"/orders/{orders[plan.name]}/cancellation", {}, f"{plan.name}-cancel")


def _order(plan: Plan) -> Request:
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in plan.lines.items()]
    body = {"lines": lines, "currency": "EUR", "shipping_address": ADDRESS, "payment_method": plan.method}
    return Request("/orders", body, plan.name)


def _act_at_the_bank(plan: Plan, order_id: str) -> Script:
    for _ in range(PATIENCE):
        payment = Payment.objects.filter(order_id=order_id).first()
        if payment and payment.status not in {"pending", "action_required"}:
            return
        if payment and payment.status == "action_required":
            sandbox.bank_says(charge=payment.charge, approved=bool(plan.bank))
            if plan.comes_back:
                yield Request(f"/payments/{payment.pk}/confirmation", {}, f"{plan.name}-back")
            return
        yield None


def staff(plan: Plan, orders: Orders) -> Script:
    """Ships what is paid for, in parts perhaps; takes pieces back; gives money back."""
    for _ in range(PATIENCE):
        order = Order.objects.filter(pk=orders.get(plan.name, UUID(int=0))).first()
        if order and order.has_ended:
            return
        if order and order.is_shippable:
            yield from _look_after(plan, order)
            return
        yield None


def _look_after(plan: Plan, order: Order) -> Script:
    path = f"/orders/{order.pk}"
    yield from _ship(plan, path)
    if plan.takes_back:
        yield from _take_back(plan, path)
    if plan.refunds:
        payment = Payment.objects.get(order_id=order.pk)
        body = {"amount": plan.refunds, "reason": "Good will"}
        yield Request(f"/payments/{payment.pk}/refunds", body, f"{plan.name}-refund")


def _ship(plan: Plan, path: str) -> Script:
    for number, quantity in enumerate(plan.ships):
        body: dict[str, Any] = {"carrier": "Pigeon Post"}
        if quantity:
            body["lines"] = [{"sku": plan.first_sku, "quantity": quantity}]
        shipped = yield Request(f"{path}/shipments", body, f"{plan.name}-ship-{number}")
        if shipped.status == HTTPStatus.CREATED:
            yield Request(f"{path}/shipments/{shipped.body['id']}/delivery", {}, f"{plan.name}-arrive-{number}")


def _take_back(plan: Plan, path: str) -> Script:
    body = {"lines": [{"sku": plan.first_sku, "quantity": plan.takes_back}]}
    announced = yield Request(f"{path}/returns", body, f"{plan.name}-return")
    if announced.status == HTTPStatus.CREATED:
        yield Request(f"{path}/returns/{announced.body['id']}/receipt", {}, f"{plan.name}-receipt")


def counting(name: str, deltas: Sequence[tuple[str, int]]) -> Script:
    """Somebody counts what lies there."""
    for number, (sku, delta) in enumerate(deltas):
        yield None
        body = {"sku": sku, "delta": delta, "reason": "Counted again"}
        yield Request("/inventory/adjustments", body, f"{name}-{number}")
