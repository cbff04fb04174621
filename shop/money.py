"""Money: an integer in minor units (cents) and an ISO 4217 code, never a float."""

import msgspec


class Money(msgspec.Struct, frozen=True):
    """An amount in minor units of a currency: `Money(1200, "EUR")` is twelve euros."""

    amount: int
    currency: str

    def __str__(self) -> str:
        whole, cents = divmod(abs(self.amount), 100)
        return f"{'-' * (self.amount < 0)}{whole}.{cents:02d} {self.currency}"
