"""Money: an integer in minor units (cents) and an ISO 4217 code, never a float."""

from decimal import Decimal

import msgspec

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
_EXPONENTS = {code: digits for codes, digits in ((_NONE, 0), (_THREE, 3), (_FOUR, 4)) for code in codes.split()}
"""How many digits the minor unit of a currency has (ISO 4217), where that is not two."""


class Money(msgspec.Struct, frozen=True):
    """An amount in minor units of a currency: `Money(1200, "EUR")` is twelve euros, `Money(1200, "JPY")` 1200 yen."""

    amount: int
    currency: str

    @property
    def exponent(self) -> int:
        """How many digits stand behind the point."""
        return _EXPONENTS.get(self.currency, 2)

    @property
    def decimal(self) -> Decimal:
        """The amount in whole units."""
        return Decimal(self.amount).scaleb(-self.exponent)

    def __str__(self) -> str:
        return f"{self.decimal:.{self.exponent}f} {self.currency}"
