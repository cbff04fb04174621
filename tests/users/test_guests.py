from uuid import UUID, uuid4

import pytest
from django.core import signing
from pytest_django import Settings

from shop.users import guests
from shop.users.guests import GuestGrant

_ORDER = UUID("019ab3c2-4f0e-7d3b-9a52-1f6f0c9c6f10")


def test_a_token_opens_the_order_that_it_was_made_for() -> None:
    grant = guests.read(guests.token_for(_ORDER))

    assert grant == GuestGrant(_ORDER)
    assert grant.scopes == {"orders:read", "orders:write", "payments:read"}


def test_a_token_can_be_made_again_and_is_the_same() -> None:
    assert guests.token_for(_ORDER) == guests.token_for(_ORDER)
    assert guests.token_for(_ORDER) != guests.token_for(uuid4())


def _of_another(token: str) -> str:
    return f"{guests.PREFIX}{uuid4().hex}.{token.partition('.')[2]}"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1],
        lambda token: token + "x",
        lambda token: token.partition(".")[0],
        lambda token: token.partition(".")[0] + ".",
        lambda token: token.upper(),
        lambda token: token.replace("019a", "019b"),
        _of_another,
        lambda _token: guests.PREFIX,
        lambda _token: guests.PREFIX + "." * 1000,
        lambda _token: guests.PREFIX + signing.Signer(salt="another", sep=".").sign(_ORDER.hex),
        lambda _token: guests.PREFIX + "ü\0",
    ],
)
def test_a_token_that_is_forged_cut_off_or_another_s_opens_nothing(spoil: object) -> None:
    assert guests.read(spoil(guests.token_for(_ORDER))) is None  # type: ignore[operator]  # one of the above


def test_with_a_new_secret_old_tokens_hold_as_long_as_the_old_secret_is_named(settings: Settings) -> None:
    token = guests.token_for(_ORDER)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another secret"

    assert guests.read(token) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert guests.read(token) == GuestGrant(_ORDER)
