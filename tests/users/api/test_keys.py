import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from shop.api.models import IdempotentAnswer
from shop.api.scopes import SCOPES
from shop.users import api_keys
from shop.users.models import ApiKey, User
from tests.keys import client_of, client_with, key_of
from tests.problems import pointed, problem_of

KEYS = "/api/v1/api-keys"

NEW = {"name": "Till 3", "scopes": ["orders:read", "orders:write"]}


def make(client: APIClient, **changes: object) -> Any:  # DRF's test response has no type of its own
    return client.post(KEYS, NEW | changes, format="json")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.com")


# --- Making one ---------------------------------------------------------------------------------------------


def test_making_a_key_shows_its_secret_and_where_to_find_the_key(api: APIClient, ada: User) -> None:
    response = make(api)

    body = response.json()
    key = ApiKey.objects.get(name="Till 3")
    assert response.status_code == 201
    assert (response["Location"], response["Cache-Control"]) == (f"{KEYS}/{key.pk}", "no-store")
    secret, created_at, expires_at = (body.pop(name) for name in ("secret", "created_at", "expires_at"))
    assert api_keys.find(secret) == key
    assert datetime.fromisoformat(expires_at) - datetime.fromisoformat(created_at) > timedelta(days=89)
    assert key.owner == ada
    assert body == NEW | {
        "id": str(key.pk),
        "prefix": secret[:12],
        "last_used_at": None,
        "revoked_at": None,
    }


def test_the_secret_is_shown_once_and_kept_nowhere(api: APIClient) -> None:
    response = api.post(KEYS, NEW, format="json", headers={"Idempotency-Key": "k"})

    secret = response.json()["secret"]
    for path in (KEYS, response["Location"]):
        assert secret not in api.get(path).content.decode()
    assert not IdempotentAnswer.objects.exists()


def test_a_new_key_may_what_it_says_and_nothing_else(api: APIClient) -> None:
    till = client_with(make(api).json()["secret"])

    problem_of(till.get(f"/api/v1/orders/{uuid4()}"), 404, "not_found")
    assert problem_of(till.get(KEYS), 403, "scope_missing")["required_scope"] == "keys:write"


def test_a_key_ends_when_it_was_told_to(api: APIClient) -> None:
    wanted = timezone.now() + timedelta(days=1)

    make(api, expires_at=wanted.isoformat())

    assert ApiKey.objects.get(name="Till 3").expires_at == wanted


def test_a_scope_said_twice_is_one(api: APIClient) -> None:
    assert make(api, scopes=["orders:read", "orders:read"]).json()["scopes"] == ["orders:read"]


def test_a_key_cannot_make_a_wider_one(ada: User) -> None:
    client = client_of(ada, scopes=["keys:write", "orders:read"])

    problem = problem_of(make(client), 403, "scope_missing")

    assert problem["required_scope"] == "orders:write"
    assert not ApiKey.objects.filter(name="Till 3").exists()


def test_a_key_can_make_one_as_narrow_as_itself(ada: User) -> None:
    client = client_of(ada, scopes=["keys:write", "orders:read"])

    assert make(client, scopes=["keys:write", "orders:read"]).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_more_keys_than_there_may_be_are_refused_until_one_is_revoked(api: APIClient, ada: User) -> None:
    for _ in range(api_keys.MOST_LIVE - 2):
        key_of(ada)
    last = make(api)

    problem = problem_of(make(api), 409, "too_many_keys")
    api.delete(last["Location"])
    again = make(api)

    assert problem["most"] == api_keys.MOST_LIVE
    assert again.status_code == 201


_FAR = (datetime.now(UTC) + timedelta(days=400)).isoformat()

_INVALID: dict[str, tuple[object, dict[str, str]]] = {
    "nothing at all": ({}, {"/name": "required", "/scopes": "required"}),
    "a list": ([NEW], {"": "invalid"}),
    "null": (None, {"": "null"}),
    "an unknown member": (NEW | {"owner": "bob"}, {"/owner": "unknown"}),
    "a secret of one's own": (NEW | {"secret": "sk_live_mine"}, {"/secret": "unknown"}),
    "an empty name": (NEW | {"name": " "}, {"/name": "blank"}),
    "a name that is a number": (NEW | {"name": 12}, {"/name": "invalid"}),
    "a name that is too long": (NEW | {"name": "N" * 101}, {"/name": "max_length"}),
    "a name with NUL": (NEW | {"name": "a\0b"}, {"/name": "null_characters_not_allowed"}),
    "no scopes": (NEW | {"scopes": []}, {"/scopes": "empty"}),
    "scopes that are text": (NEW | {"scopes": "orders:read"}, {"/scopes": "not_a_list"}),
    "a scope that does not exist": (NEW | {"scopes": ["orders:read", "*"]}, {"/scopes/1": "invalid_choice"}),
    "a scope in capitals": (NEW | {"scopes": ["ORDERS:READ"]}, {"/scopes/0": "invalid_choice"}),
    "a scope that is empty": (NEW | {"scopes": [""]}, {"/scopes/0": "invalid_choice"}),
    "a scope that is null": (NEW | {"scopes": [None]}, {"/scopes/0": "null"}),
    "a scope that is a list": (NEW | {"scopes": [["orders:read"]]}, {"/scopes/0": "invalid_choice"}),
    "a scope with NUL": (NEW | {"scopes": ["orders:read\0"]}, {"/scopes/0": "invalid_choice"}),
    "a thousand scopes": (NEW | {"scopes": ["orders:read"] * 1000}, {"/scopes": "max_length"}),
    "an end in the past": (NEW | {"expires_at": "2020-01-01T00:00:00Z"}, {"/expires_at": "past"}),
    "an end in the first year": (NEW | {"expires_at": "0001-01-01T00:00:00+14:00"}, {"/expires_at": "overflow"}),
    "an end in the last year": (NEW | {"expires_at": "9999-12-31T23:59:59-14:00"}, {"/expires_at": "overflow"}),
    "an end too far away": (NEW | {"expires_at": _FAR}, {"/expires_at": "too_late"}),
    "an end that is no time": (NEW | {"expires_at": "tomorrow"}, {"/expires_at": "invalid"}),
    "an end that is a number": (NEW | {"expires_at": 1e12}, {"/expires_at": "invalid"}),
    "an end that is null": (NEW | {"expires_at": None}, {"/expires_at": "null"}),
    "an end with NUL": (NEW | {"expires_at": "\0"}, {"/expires_at": "invalid"}),
}


@pytest.mark.parametrize("case", _INVALID)
def test_what_is_no_key_is_refused_with_pointers(case: str, api: APIClient) -> None:
    body, errors = _INVALID[case]

    response = api.generic("POST", KEYS, json.dumps(body), content_type="application/json")

    assert pointed(problem_of(response, 400, "invalid")) == errors
    assert ApiKey.objects.count() == 1  # the one that asks


# --- Seeing them --------------------------------------------------------------------------------------------


def test_the_list_shows_ones_own_keys_in_every_state_the_newest_first(api: APIClient, ada: User, bob: User) -> None:
    _, revoked = key_of(ada)
    api_keys.revoke(key=revoked)
    _, expired = key_of(ada, expires_at=timezone.now())
    key_of(bob)

    response = api.get(KEYS)

    ids = [each["id"] for each in response.json()["results"]]
    assert ids == [str(expired.pk), str(revoked.pk), str(ApiKey.objects.earliest("created_at").pk)]
    assert response["Cache-Control"] == "no-store"


def test_the_list_comes_in_pages(api: APIClient, ada: User) -> None:
    for _ in range(4):
        key_of(ada)

    first = api.get(f"{KEYS}?limit=3").json()
    second = api.get(first["next"]).json()

    assert [len(page["results"]) for page in (first, second)] == [3, 2]
    assert second["next"] is None


def test_the_list_knows_no_filters(api: APIClient) -> None:
    problem_of(api.get(f"{KEYS}?owner=bob"), 400, "invalid")


def test_a_key_that_is_used_says_when(api: APIClient, ada: User) -> None:
    key = ApiKey.objects.get(owner=ada)

    shown = api.get(f"{KEYS}/{key.pk}").json()

    assert shown["last_used_at"].endswith("Z")
    assert set(shown["scopes"]) == set(SCOPES)
    assert "digest" not in shown


@pytest.mark.parametrize("method", ["get", "delete"])
def test_the_key_of_somebody_else_is_not_even_found_by_staff(method: str, api: APIClient, ada: User, bob: User) -> None:
    _, key = key_of(bob)
    ada.is_staff = True
    ada.save()

    problem_of(getattr(api, method)(f"{KEYS}/{key.pk}"), 404, "not_found")

    key.refresh_from_db()
    assert key.revoked_at is None


# --- Revoking one -------------------------------------------------------------------------------------------


def test_a_revoked_key_is_refused_from_then_on_and_stays_to_be_seen(api: APIClient) -> None:
    made = make(api)
    till = client_with(made.json()["secret"])
    before = till.get(f"/api/v1/orders/{uuid4()}")

    response = api.delete(made["Location"])

    assert response.status_code == 204
    assert before.status_code == 404
    problem_of(till.get(f"/api/v1/orders/{uuid4()}"), 401, "token_revoked")
    assert api.get(made["Location"]).json()["revoked_at"].endswith("Z")


def test_revoking_again_changes_nothing(api: APIClient) -> None:
    made = make(api)
    api.delete(made["Location"])
    first = api.get(made["Location"]).json()

    assert api.delete(made["Location"]).status_code == 204
    assert api.get(made["Location"]).json() == first


def test_a_key_may_revoke_itself(api: APIClient) -> None:
    assert api.delete(f"{KEYS}/{ApiKey.objects.get().pk}").status_code == 204
    problem_of(api.get(KEYS), 401, "token_revoked")


# --- Who may ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), [("get", KEYS), ("post", KEYS), ("get", "one"), ("delete", "one")])
def test_nobody_may_do_anything_without_a_grant_for_keys(
    method: str, path: str, ada: User, anonymous: APIClient
) -> None:
    _, key = key_of(ada)
    where = path if path == KEYS else f"{KEYS}/{key.pk}"
    narrow = client_of(ada, scopes=SCOPES.keys() - {"keys:write"})

    problem_of(getattr(anonymous, method)(where), 401, "not_authenticated")
    assert problem_of(getattr(narrow, method)(where), 403, "scope_missing")["required_scope"] == "keys:write"

    key.refresh_from_db()
    assert key.revoked_at is None
