import pytest
from django.utils import translation

from notifications.channels.formats import money


@pytest.mark.parametrize(
    ("amount", "currency", "english", "german"),
    [
        (0, "EUR", "0.00 EUR", "0,00 EUR"),
        (123456789, "EUR", "1,234,567.89 EUR", "1.234.567,89 EUR"),
        (-5, "USD", "-0.05 USD", "-0,05 USD"),
        (1200, "JPY", "1,200 JPY", "1.200 JPY"),
        (1234, "KWD", "1.234 KWD", "1,234 KWD"),
    ],
)
def test_an_amount_has_as_many_decimals_as_its_currency(amount: int, currency: str, english: str, german: str) -> None:
    value = {"amount": amount, "currency": currency}

    with translation.override("en"):
        assert money(value) == english
    with translation.override("de"):
        assert money(value) == german
