"""What a new document breaks."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from shop.events.asyncapi import changes, document

Change = Callable[[dict[str, Any]], object]


def _schema(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda new: new["components"]["schemas"][name]


placed, money = _schema("OrderPlaced"), _schema("Money")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda new: new["components"]["messages"].pop("order.placed.v1"),
            "order.placed, version 1, is gone.",
        ),
        (
            lambda new: placed(new)["properties"].pop("payment_method"),
            "order.placed, version 1: data.payment_method is gone.",
        ),
        (
            lambda new: placed(new)["properties"].update(number={"type": "integer"}),
            "order.placed, version 1: data.number was string and is integer.",
        ),
        (
            lambda new: placed(new)["required"].append("channel"),
            "order.placed, version 1: data.channel is required now.",
        ),
        (
            lambda new: placed(new)["required"].remove("lines"),
            "order.placed, version 1: data.lines may be missing now.",
        ),
        (
            lambda new: money(new)["properties"].update(currency={"enum": ["EUR"]}),
            "order.placed, version 1: data.total.currency can only be one of 'EUR' now.",
        ),
        (
            lambda new: _schema("Envelope")(new)["properties"].pop("sequence"),
            "order.placed, version 1: sequence is gone.",
        ),
        (
            lambda new: new["channels"]["events"].update(address="/feed"),
            "The channel events is no longer at /events.",
        ),
    ],
)
def test_what_breaks_somebody_is_told(change: Change, told: str) -> None:
    old = document.made()
    new = deepcopy(old)
    change(new)

    assert told in changes.broken(old, new)


@pytest.mark.parametrize(
    "change",
    [
        lambda new: new["info"].update(version="1.0.1"),
        lambda new: placed(new)["properties"].update(channel={"type": "string"}),
        lambda new: placed(new).update(description="Said otherwise."),
        lambda new: new["components"]["messages"].update({"order.placed.v2": {"title": "x", "payload": {}}}),
        lambda new: new["operations"].clear(),
    ],
)
def test_what_is_added_breaks_nobody(change: Change) -> None:
    old = document.made()
    new = deepcopy(old)
    change(new)

    assert changes.broken(old, new) == []
