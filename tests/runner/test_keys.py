import json
from dataclasses import asdict, astuple, replace

from shop.runner.home import Home
from shop.runner.keys import keys_of


def test_the_secrets_are_made_once_and_are_all_different(home: Home) -> None:
    first = keys_of(home)

    assert keys_of(home) == first
    assert len(set(astuple(first))) == 5


def test_a_home_from_before_there_was_a_key_gets_it_and_keeps_the_others(home: Home) -> None:
    first = keys_of(home)
    older = {name: value for name, value in asdict(first).items() if name != "oidc_private_key"}
    home.write_private("keys.json", json.dumps(older))

    now = keys_of(home)

    assert now == replace(first, oidc_private_key=now.oidc_private_key)
    assert now.oidc_private_key.startswith("-----BEGIN PRIVATE KEY-----")
    assert keys_of(home) == now


def test_the_secrets_are_for_their_owner_only(home: Home) -> None:
    keys_of(home)

    assert (home.state / "keys.json").stat().st_mode & 0o777 == 0o600


def test_two_homes_have_different_secrets(home: Home, another_home: Home) -> None:
    assert keys_of(home) != keys_of(another_home)


def test_a_home_that_was_made_before_a_key_gets_it_and_keeps_the_others(home: Home) -> None:
    first = keys_of(home)
    old = {name: value for name, value in asdict(first).items() if name != "jwt_key"}
    home.write_private("keys.json", json.dumps(old))

    mended = keys_of(home)

    assert mended.jwt_key not in {"", first.jwt_key}
    assert asdict(mended) == old | {"jwt_key": mended.jwt_key}
    assert keys_of(home) == mended
