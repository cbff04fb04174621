from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from shop.bus import Context, within
from shop.bus.context import current
from shop.users import api_keys
from shop.users.authentication import ApiKeyToken, BearerToken
from shop.users.models import ApiKey, User
from tests.keys import key_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_a_request() -> Iterator[None]:
    """Whoever authenticates is named as the actor of the request, so there has to be one."""
    with within(Context(correlation="c", causation="c", actor="anonymous")):
        yield


def _request(authorization: str) -> Request:
    return Request(APIRequestFactory().get("/", headers={"Authorization": authorization}))


def _refused(token: str) -> str:
    with pytest.raises(AuthenticationFailed) as refused:
        ApiKeyToken().authenticate(_request(f"Bearer {token}"))
    code = refused.value.get_codes()
    assert isinstance(code, str)
    return code


# --- API keys -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
def test_a_good_key_is_its_owner_within_its_scopes(scheme: str, ada: User) -> None:
    secret, key = key_of(ada, scopes=["orders:read"])

    found = ApiKeyToken().authenticate(_request(f"{scheme} {secret}"))

    assert found == (ada, key)
    assert found[1].scopes == ["orders:read"]


def test_a_key_that_asks_is_the_actor_of_what_follows(ada: User) -> None:
    secret, key = key_of(ada)

    ApiKeyToken().authenticate(_request(f"Bearer {secret}"))

    assert current().actor == f"key:{key.pk}"


@pytest.mark.parametrize("authorization", ["", "Token sk_live_x", "Bearer", "Bearer guest_x", "Bearer ey.x.y"])
def test_what_is_no_api_key_is_left_to_somebody_else(authorization: str) -> None:
    assert ApiKeyToken().authenticate(_request(authorization)) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda secret: secret[:-1],
        lambda secret: secret + "x",
        lambda secret: secret.replace("sk_live_", "sk_test_"),
        lambda secret: secret[:12],
        lambda secret: f"{secret} {secret}",
        lambda _: "sk_live_",
        lambda _: "sk_live_" + "x" * 7000,
        lambda _: "sk_live_\0",
        lambda _: "sk_live_\xf6",
    ],
)
def test_a_secret_that_differs_at_all_is_unknown(change: Callable[[str], str], ada_token: str) -> None:
    assert _refused(change(ada_token)) == "token_invalid"


def test_a_key_that_expired_a_moment_ago_says_so_to_who_has_its_secret(ada: User) -> None:
    secret, _ = key_of(ada, expires_at=timezone.now())

    assert _refused(secret) == "token_expired"


def test_a_key_that_was_revoked_says_so_to_who_has_its_secret(ada: User) -> None:
    secret, key = key_of(ada)
    api_keys.revoke(key=key)

    assert _refused(secret) == "token_revoked"


def test_the_key_of_an_account_that_was_closed_is_unknown_whatever_its_state(ada: User) -> None:
    secret, _ = key_of(ada, expires_at=timezone.now())
    ada.is_active = False
    ada.save()

    assert _refused(secret) == "token_invalid"


def test_finding_out_whose_key_it_is_takes_one_question(
    ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    secret, _ = key_of(ada)

    with django_assert_num_queries(1):
        ApiKeyToken().authenticate(_request(f"Bearer {secret}"))


def test_once_a_minute_it_takes_a_second_one_to_note_that_the_key_is_in_use(
    ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    secret, key = key_of(ada)
    key.last_used_at = timezone.now() - timedelta(minutes=1)
    key.save()

    for questions in (2, 1):
        with django_assert_num_queries(questions):
            ApiKeyToken().authenticate(_request(f"Bearer {secret}"))


@pytest.mark.parametrize("refusal", ["revoked", "expired"])
def test_a_key_that_is_refused_is_not_noted_as_used(refusal: str, ada: User) -> None:
    secret, key = key_of(ada, expires_at=timezone.now() if refusal == "expired" else None)
    if refusal == "revoked":
        api_keys.revoke(key=key)
    ApiKey.objects.update(last_used_at=None)

    _refused(secret)

    assert ApiKey.objects.get().last_used_at is None


# --- Tokens of no kind --------------------------------------------------------------------------------------


@pytest.mark.parametrize("authorization", ["Bearer", "bearer ", "Bearer shop_unknown", "Bearer two words"])
def test_a_bearer_token_that_nobody_took_is_no_good(authorization: str) -> None:
    with pytest.raises(AuthenticationFailed, match="not known"):
        BearerToken().authenticate(_request(authorization))


@pytest.mark.parametrize("authorization", ["", "Basic YWRhOnB3"])
def test_who_carries_no_bearer_token_is_nobody(authorization: str) -> None:
    assert BearerToken().authenticate(_request(authorization)) is None
