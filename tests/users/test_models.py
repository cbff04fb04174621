import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction

from shop.users.models import ApiKey, User
from tests.keys import key_of

pytestmark = pytest.mark.django_db


def test_one_address_is_one_account_however_it_is_spelt() -> None:
    user = User.objects.create_user("Ada@Example.COM", "a password")

    assert user.email == "ada@example.com"
    assert authenticate(username="ADA@example.com", password="a password") == user
    with pytest.raises(IntegrityError, match="email"), transaction.atomic():
        User.objects.create_user("ADA@EXAMPLE.COM")


def test_a_customer_may_neither_enter_the_admin_nor_see_what_staff_see() -> None:
    user = User.objects.create_user("ada@example.com")

    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)
    assert not user.has_usable_password()


def test_a_superuser_may_do_everything() -> None:
    user = User.objects.create_superuser("admin@example.com", "a password")

    assert (user.is_staff, user.is_superuser) == (True, True)


def test_a_wrong_password_is_nobody() -> None:
    User.objects.create_user("ada@example.com", "a password")

    assert authenticate(username="ada@example.com", password="another password") is None


def test_a_password_is_kept_as_a_hash_only(ada: User) -> None:
    ada.set_password("a password")
    ada.save()

    assert "a password" not in User.objects.get().password


# --- API keys -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scopes", [[], ["orders:read", "everything"], ["orders:read\n"], [""]])
def test_a_key_with_scopes_that_do_not_exist_or_none_at_all_is_refused_by_the_database(
    scopes: list[str], ada: User
) -> None:
    with pytest.raises(IntegrityError, match="api_key_has_known_scopes"):
        key_of(ada, scopes=scopes)


def test_a_key_without_a_name_is_refused_by_the_database(ada: User) -> None:
    _, key = key_of(ada)
    key.name = ""

    with pytest.raises(IntegrityError, match="api_key_has_a_name"):
        key.save()


def test_two_keys_with_one_secret_are_refused_by_the_database(ada: User) -> None:
    (_, key), (_, other) = key_of(ada), key_of(ada)
    other.digest = key.digest

    with pytest.raises(IntegrityError, match="digest"):
        other.save()


def test_the_keys_of_an_account_go_with_it(ada: User, ada_token: str) -> None:
    ada.delete()

    assert not ApiKey.objects.exists()
