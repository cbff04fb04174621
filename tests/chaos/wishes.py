"""What customers of a storm want: which things, how they pay, and what they do afterwards."""

import random
from dataclasses import dataclass

PAYS = "pm_card_visa"
IS_DECLINED = "pm_card_chargeDeclined"
ASKS_THE_BANK = "pm_card_threeDSecure2Required"
CANNOT_BE_TAKEN = "pm_test_capture_fails"
PAYS_SLOWLY = "pm_test_slow"
NEVER_ANSWERS = "pm_test_no_answer"

HOT = "MUG-BLUE"
PLENTY = ("TEAPOT-BLACK", "BOWL-BLUE", "PAN-BLACK", "APRON-BLUE", "VASE-BLUE")
SCARCE = ("CANDLE-SAND", "LANTERN-BLACK", "CLOCK-BLACK")
SCARCE_PIECES = 25

_ADDRESS = {"name": "Ada", "line1": "1 Main Street", "city": "Berlin", "postal_code": "10115", "country": "DE"}


@dataclass(frozen=True)
class Wish:
    """One order that somebody wants, and what they will do once they have it."""

    method: str
    lines: dict[str, int]
    guest: bool
    cancels: bool
    repeats: bool
    """They send it again though they were answered."""
    looks: bool
    approves: bool
    """What they will say at the bank, should they be asked there."""

    def body(self, key: str) -> dict[str, object]:
        """The request. The reference is the key, so that whoever looks at the orders needs nobody's word for it."""
        body: dict[str, object] = {
            "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in self.lines.items()],
            "currency": "EUR",
            "shipping_address": _ADDRESS,
            "payment_method": self.method,
            "external_reference": key,
        }
        return body | ({"email": f"{key}@guest.example.com"} if self.guest else {})


def wish(chance: random.Random) -> Wish:
    """What the next customer wants."""
    method = chance.choices(
        (PAYS, IS_DECLINED, ASKS_THE_BANK, CANNOT_BE_TAKEN, PAYS_SLOWLY, NEVER_ANSWERS), (76, 7, 7, 4, 3, 3)
    )[0]
    return Wish(
        method=method,
        lines=_lines(chance),
        guest=chance.random() < 0.3,
        cancels=chance.random() < 0.08,
        repeats=chance.random() < 0.05,
        looks=chance.random() < 0.1,
        approves=chance.random() < 0.7,
    )


def _lines(chance: random.Random) -> dict[str, int]:
    if chance.random() < 0.05:
        return {chance.choice(SCARCE): chance.randint(1, 3), HOT: 1}
    if chance.random() < 0.4:
        return {HOT: chance.randint(1, 3)}
    chosen = chance.sample(PLENTY, chance.randint(1, 3))
    return {sku: chance.randint(1, 2) for sku in chosen}
