from typing import Any

import pytest

from shop.bus.redaction import HIDDEN, hides, redacted, restored

ORDER: dict[str, Any] = {
    "number": "O-1",
    "payment_method": "pm_card_visa",
    "shipping_address": {"line1": "7 Menabrea Street"},
    "lines": [{"sku": "MUG-BLUE", "name": "Blue mug", "quantity": 2}],
    "note": "ask ada@example.com about pm_1OaBcDeFgH first",
    "method": "",
    "total": {"amount": 2400, "currency": "EUR"},
}


def test_what_is_personal_or_speaks_for_money_is_hidden_and_the_rest_is_shown() -> None:
    assert redacted(ORDER) == ORDER | {
        "payment_method": HIDDEN,
        "shipping_address": HIDDEN,
        "note": f"ask {HIDDEN} about {HIDDEN} first",
    }


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"number": "O-2"},
        {"lines": [{"sku": "MUG-BLUE", "name": "Blue mug", "quantity": 3}]},
        {"lines": [*ORDER["lines"], {"sku": "LAMP", "name": "Lamp", "quantity": 1}]},
        {"payment_method": "pm_another_one"},
        {"note": "ask nobody"},
        {"added": {"deep": [1]}},
    ],
)
def test_an_edit_changes_what_was_edited_and_keeps_what_was_hidden(edit: dict[str, Any]) -> None:
    edited = redacted(ORDER) | edit

    assert restored(edited, ORDER) == ORDER | edit
    assert not hides(restored(edited, ORDER))


def test_something_hidden_that_was_moved_elsewhere_is_noticed() -> None:
    edited = redacted(ORDER) | {"number": HIDDEN}

    assert hides(restored(edited, ORDER))
