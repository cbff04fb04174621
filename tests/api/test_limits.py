from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from shop.api import limits
from shop.users.models import User
from tests.keys import client_of
from tests.problems import problem_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.shelf")]


@pytest.fixture(autouse=True)
def few(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three requests a minute, in a minute that has just begun."""
    settings.RATE_LIMITS = {"callers": (3, 60), "strangers": (2, 60)}
    monkeypatch.setattr(limits, "now", lambda: 1_000_000 * 60 + 10)
    cache.clear()
    yield
    cache.clear()


def test_every_answer_tells_the_limit_and_what_is_left_of_it() -> None:
    first, second = APIClient().get("/people"), APIClient().get("/people")

    assert first["RateLimit-Policy"] == '"strangers";q=2;w=60'
    assert (first["RateLimit"], second["RateLimit"]) == ('"strangers";r=1;t=50', '"strangers";r=0;t=50')


def test_one_request_too_many_is_told_how_long_to_wait() -> None:
    APIClient().get("/people")
    APIClient().get("/people")

    refused = APIClient().get("/people")

    problem_of(refused, 429, "throttled")
    assert 50 <= int(refused["Retry-After"]) <= 51
    assert refused["RateLimit"] == '"strangers";r=0;t=50'


def test_the_next_window_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        APIClient().get("/people")

    monkeypatch.setattr(limits, "now", lambda: 1_000_001 * 60)

    assert APIClient().get("/people")["RateLimit"] == '"strangers";r=1;t=60'


@pytest.mark.urls("shop.urls")
def test_each_caller_is_counted_by_themselves(ada: User) -> None:
    bob = User.objects.create_user("bob@example.com")
    for _ in range(4):
        last = client_of(ada).get("/api/v1/orders")

    problem_of(last, 429, "throttled")
    assert client_of(bob).get("/api/v1/orders")["RateLimit"] == '"callers";r=2;t=50'


def test_strangers_are_told_apart_by_address_and_not_by_what_they_claim() -> None:
    for claimed in ("1.1.1.1", "2.2.2.2", "3.3.3.3"):
        last = APIClient().get("/people", headers={"X-Forwarded-For": claimed})

    problem_of(last, 429, "throttled")
    assert APIClient(REMOTE_ADDR="4.4.4.4").get("/people").status_code == 200


def test_an_action_may_have_a_limit_of_its_own(settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"secrets": (1, 10)}

    assert APIClient().get("/secrets")["RateLimit-Policy"] == '"secrets";q=1;w=10'
    problem_of(APIClient().get("/secrets"), 429, "throttled")
    assert APIClient().get("/people").status_code == 200


def test_with_redis_away_everybody_is_let_in_and_nothing_is_claimed(settings: Any) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}

    answers = [APIClient().get("/people") for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[-1]
    assert answers[-1]["RateLimit-Policy"] == '"strangers";q=2;w=60'
