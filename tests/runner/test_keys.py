from dataclasses import astuple

from shop.runner.home import Home
from shop.runner.keys import keys_of


def test_the_secrets_are_made_once_and_are_all_different(home: Home) -> None:
    first = keys_of(home)

    assert keys_of(home) == first
    assert len(set(astuple(first))) == 4


def test_the_secrets_are_for_their_owner_only(home: Home) -> None:
    keys_of(home)

    assert (home.state / "keys.json").stat().st_mode & 0o777 == 0o600


def test_two_homes_have_different_secrets(home: Home, another_home: Home) -> None:
    assert keys_of(home) != keys_of(another_home)
