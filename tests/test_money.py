"""Money: whole minor units of a currency."""

import msgspec
import pytest

from shop.money import Money


def test_money_is_shown_with_its_decimals_and_currency() -> None:
    assert str(Money(1200, "EUR")) == "12.00 EUR"
    assert str(Money(5, "USD")) == "0.05 USD"
    assert str(Money(0, "EUR")) == "0.00 EUR"
    assert str(Money(123456789, "EUR")) == "1234567.89 EUR"


def test_money_has_as_many_decimals_as_its_currency() -> None:
    assert str(Money(1200, "JPY")) == "1200 JPY"
    assert str(Money(1234, "KWD")) == "1.234 KWD"
    assert str(Money(12345, "CLF")) == "1.2345 CLF"


def test_owed_money_is_shown_with_its_sign() -> None:
    assert str(Money(-5, "EUR")) == "-0.05 EUR"
    assert str(Money(-1250, "EUR")) == "-12.50 EUR"


def test_money_compares_by_value_and_cannot_be_changed() -> None:
    money = Money(1200, "EUR")

    assert money == Money(1200, "EUR")
    assert money != Money(1200, "USD")
    with pytest.raises(AttributeError):
        money.amount = 1  # type: ignore[misc]  # that is the point


def test_money_round_trips_through_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(Money(1200, "EUR")), type=Money) == Money(1200, "EUR")


def test_money_is_never_a_float() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"amount": 12.5, "currency": "EUR"}', type=Money)
