from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.utils import timezone

from shop.users.models import AccessToken, User

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


# --- Tokens -------------------------------------------------------------------------------------------------


def test_a_token_is_long_and_never_the_same(ada: User) -> None:
    tokens = {AccessToken.issue(ada)[0] for _ in range(100)}

    assert len(tokens) == 100
    assert all(token.startswith("shop_") and len(token) >= 48 for token in tokens)


def test_of_a_token_only_its_digest_is_kept(ada: User) -> None:
    token, access = AccessToken.issue(ada)
    access.save()

    kept = AccessToken.objects.get(digest=AccessToken.digest_of(token))
    assert bytes(kept.digest) == AccessToken.digest_of(token)
    assert token not in str(vars(kept))
    assert kept.user == ada


def test_a_token_lives_for_thirty_days_unless_told_otherwise(ada: User) -> None:
    _, month = AccessToken.issue(ada)
    _, minute = AccessToken.issue(ada, lifetime=timedelta(minutes=1))

    assert timedelta(days=29) < month.expires_at - timezone.now() <= timedelta(days=30)
    assert minute.expires_at - timezone.now() <= timedelta(minutes=1)


def test_the_tokens_of_an_account_go_with_it(ada: User, ada_token: str) -> None:
    ada.delete()

    assert not AccessToken.objects.exists()
