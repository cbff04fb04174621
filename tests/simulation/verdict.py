"""What must hold when everything has come to rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from shop.doctor import examine
from tests.flows import audit
from tests.flows.conftest import ask
from tests.simulation.world import World

Broken = dict[str, Sequence[tuple[Any, ...]]]


def broken(world: World) -> Broken:
    """Every rule that does not hold: the doctor's, those of a shop at rest, and what people were told."""
    of_people = {claim: rows for claim, rows in _of_people(world).items() if rows}
    return broken_at_any_time(world) | audit.broken(ask) | of_people


def broken_at_any_time(world: World) -> Broken:
    """The doctor's rules that do not hold."""
    findings = examine(since=world.clock.began - timedelta(days=1))
    return {each.invariant.claim: [tuple(row.values()) for row in each.broken] for each in findings if each.broken}


def _of_people(world: World) -> Broken:
    told = {
        answer.body["id"]
        for person in world.people.values()
        for key, answer in person.told.items()
        if key in world.orders and answer.status == HTTPStatus.CREATED
    }
    known = {str(order_id) for (order_id,) in ask("SELECT id FROM orders_order")}
    return {
        "who was told of an order has it": [(order_id,) for order_id in told - known],
        "nobody has an order that they were not told of": [(order_id,) for order_id in known - told],
        "a request has one answer": [each for person in world.people.values() for each in person.contradictions],
        "nobody is answered by an accident": [
            (person.name, key, answer)
            for person in world.people.values()
            for key, answer in person.told.items()
            if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        ],
        "no drain fails": world.accidents,
        "what came and went is what was told": _stock(world),
        "who comes back after a lease was taken over changes nothing": world.late,
        "a mail leaves once, unless its answer was lost": [row for row in ask(_MAILS) if row[0] not in world.in_doubt],
    }


_MAILS = "SELECT message_id, count(*) FROM notifications_receivedmail GROUP BY 1 HAVING count(*) > 1"


def _stock(world: World) -> list[tuple[Any, ...]]:
    """What lies there is what lay there, and what was counted, shipped and taken back since."""
    expected = Counter(world.scenario.stock)
    for person in world.people.values():
        for key, answer in person.told.items():
            if answer.status == HTTPStatus.CREATED:
                expected.update(_moved(key, answer.body))
    lies = dict(ask("SELECT sku, on_hand FROM inventory_stocklevel"))
    return [(sku, pieces, lies[sku]) for sku, pieces in expected.items() if pieces != lies[sku]]


def _moved(key: str, told: Any) -> dict[str, int]:
    if key.startswith("count-"):
        return {told["sku"]: told["delta"]}
    signs = [sign for part, sign in (("-ship-", -1), ("-receipt", 1)) if part in key]
    return {line["sku"]: sign * line["quantity"] for sign in signs for line in told["lines"]}
