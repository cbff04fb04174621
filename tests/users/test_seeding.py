from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from shop.api.scopes import SCOPES
from shop.users import api_keys, seeding
from shop.users.models import User
from tests.people import App

pytestmark = pytest.mark.django_db


def test_demo_accounts_are_made_in_development_once(settings: Settings) -> None:
    settings.DEVELOPMENT = True

    first, second = seeding.seed(), seeding.seed()

    assert first == second
    assert sorted(User.objects.values_list("email", "is_staff")) == [
        ("admin@example.com", True),
        ("customer@example.com", False),
    ]
    assert authenticate(username="customer@example.com", password=seeding.PASSWORD) is not None


def test_outside_of_development_nobody_has_a_password_that_everybody_knows(settings: Settings) -> None:
    settings.DEVELOPMENT = False

    assert seeding.seed() is None
    assert not User.objects.exists()


def test_a_fresh_token_speaks_for_its_account(ada: User) -> None:
    token = seeding.token_for("ADA@example.com")

    key = api_keys.find(token)
    assert key is not None
    assert key.owner == ada
    assert set(key.scopes) == set(SCOPES)
    assert key.expires_at > timezone.now() + timedelta(days=1)


def test_an_account_gets_as_many_fresh_tokens_as_it_asks_for(ada: User) -> None:
    tokens = {seeding.token_for(ada.email) for _ in range(api_keys.MOST_LIVE + 1)}

    assert len(tokens) == api_keys.MOST_LIVE + 1


def test_nobody_gets_a_token_of_an_account_that_is_not_there() -> None:
    with pytest.raises(User.DoesNotExist):
        seeding.token_for("nobody@example.com")


def test_customers_for_load_can_ask_at_once_and_cannot_log_in() -> None:
    tokens = list(seeding.customers(3))

    client = APIClient()
    for token in tokens:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        assert client.get("/api/v1/orders").status_code == 200
    assert len(set(User.objects.values_list("email", flat=True))) == 3
    assert not any(user.has_usable_password() for user in User.objects.all())


@pytest.mark.parametrize("email", ["customer@example.com", "admin@example.com"])
def test_demo_accounts_log_in_without_proving_their_address(email: str, settings: Settings) -> None:
    settings.DEVELOPMENT = True
    seeding.seed()

    assert App().log_in(email, seeding.PASSWORD).status_code == 200


def test_customers_for_load_have_verified_addresses() -> None:
    list(seeding.customers(3))

    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 3
