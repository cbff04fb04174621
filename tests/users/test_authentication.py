from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from shop.bus import Context, within
from shop.bus.context import current
from shop.users.authentication import BearerToken
from shop.users.models import AccessToken, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_a_request() -> Iterator[None]:
    """Whoever authenticates is named as the actor of the request, so there has to be one."""
    with within(Context(correlation="c", causation="c", actor="anonymous")):
        yield


def _request(authorization: str) -> Request:
    return Request(APIRequestFactory().get("/", headers={"Authorization": authorization}))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_good_token_is_its_user(scheme: str, ada: User, ada_token: str) -> None:
    found = BearerToken().authenticate(_request(f"{scheme} {ada_token}"))

    assert found is not None
    assert found[0] == ada


def test_who_asks_with_a_token_is_the_actor_of_what_follows(ada: User, ada_token: str) -> None:
    BearerToken().authenticate(_request(f"Bearer {ada_token}"))

    assert current().actor == f"user:{ada.pk}"


def test_another_scheme_is_left_to_somebody_else(ada_token: str) -> None:
    assert BearerToken().authenticate(_request(f"Token {ada_token}")) is None


@pytest.mark.parametrize("change", [str.upper, lambda token: token[:-1], lambda token: token + "x", lambda _: ""])
def test_a_token_that_differs_at_all_is_unknown(change: Callable[[str], str], ada_token: str) -> None:
    with pytest.raises(AuthenticationFailed):
        BearerToken().authenticate(_request(f"Bearer {change(ada_token)}"))


def test_a_token_that_ended_a_moment_ago_is_refused(ada: User) -> None:
    token, access = AccessToken.issue(ada, lifetime=timedelta(0))
    access.save()

    with pytest.raises(AuthenticationFailed):
        BearerToken().authenticate(_request(f"Bearer {token}"))


def test_finding_out_who_asks_takes_one_question(
    ada_token: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        BearerToken().authenticate(_request(f"Bearer {ada_token}"))
