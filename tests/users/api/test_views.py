from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from shop.users.events import UserErased, UserUpdated
from shop.users.models import User
from tests.conftest import Published
from tests.crowds import together
from tests.keys import client_of
from tests.problems import problem_of

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a long way from here"


@pytest.fixture
def grace(db: None) -> User:
    """Another customer."""
    return User.objects.create_user("grace@example.com", name="Grace")


@pytest.fixture
def staff(db: None) -> APIClient:
    """A REST client that is one of the shop's staff."""
    return client_of(User.objects.create_user("support@example.com", is_staff=True, is_superuser=True))


def _change(client: APIClient, person: object, body: Any, *, version: int = 1) -> Any:
    return client.patch(f"/api/v1/users/{person}", body, format="json", headers={"If-Match": f'"{version}"'})


# --- Looking ------------------------------------------------------------------------------------------------


def test_me_is_whoever_asks(api: APIClient, ada: User) -> None:
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)

    answer = api.get("/api/v1/users/me")

    assert answer.status_code == 200
    assert answer["ETag"] == '"1"'
    assert answer.json() == api.get(f"/api/v1/users/{ada.pk}").json()
    assert answer.json() == {
        "id": str(ada.pk),
        "email": "ada@example.com",
        "email_verified": True,
        "name": "Ada",
        "language": "en",
        "marketing": False,
        "is_staff": False,
        "date_joined": answer.json()["date_joined"],
        "links": {
            "self": f"/api/v1/users/{ada.pk}",
            "addresses": f"/api/v1/users/{ada.pk}/addresses",
            "export": f"/api/v1/users/{ada.pk}/export",
        },
    }


@pytest.mark.parametrize("rest", ["", "/export", "/addresses"])
def test_another_person_is_not_there_but_for_staff(rest: str, api: APIClient, staff: APIClient, grace: User) -> None:
    path = f"/api/v1/users/{grace.pk}{rest}"

    problem_of(api.get(path), 404, "not_found")
    assert staff.get(path).status_code == 200


def test_a_stranger_is_asked_to_sign_in(anonymous: APIClient) -> None:
    answer = anonymous.get("/api/v1/users/me")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("person", ["you", "1", "ME", "me/", "%00", uuid4()])
def test_who_is_not_there_is_not_found(person: object, api: APIClient) -> None:
    assert api.get(f"/api/v1/users/{person}").status_code == 404


def test_who_knows_the_version_hears_that_it_still_stands(api: APIClient) -> None:
    assert api.get("/api/v1/users/me", headers={"If-None-Match": '"1"'}).status_code == 304


# --- Changing -----------------------------------------------------------------------------------------------


def test_name_language_and_wishes_can_be_changed_and_the_news_says_which(
    api: APIClient, ada: User, published: Published
) -> None:
    answer = _change(api, "me", {"name": "Ada L.", "language": "de", "marketing": True})

    assert answer.status_code == 200
    assert answer["ETag"] == '"2"'
    assert [answer.json()[name] for name in ("name", "language", "marketing")] == ["Ada L.", "de", True]
    assert published == [UserUpdated(user_id=ada.pk, changed=("language", "marketing", "name"))]


def test_what_stays_as_it_was_is_no_news(api: APIClient, published: Published) -> None:
    answer = _change(api, "me", {"name": "Ada"})

    assert answer["ETag"] == '"1"'
    assert published == []


@pytest.mark.parametrize(
    "bad",
    [
        {"is_staff": True},
        {"is_superuser": True},
        {"email": "new@example.com"},
        {"version": 9},
        {"password": PASSWORD},
        {"id": str(uuid4())},
        {"erased_at": None},
        {"name": None},
        {"name": 7},
        {"name": "x" * 201},
        {"name": "A\0da"},
        {"name": "Ada\nBcc: all@example.com"},
        {"name": "\u202eadA"},
        {"language": "tlh"},
        {"language": ["en"]},
        {"marketing": "perhaps"},
        {"marketing": None},
        [],
        "Ada",
    ],
)
def test_a_bad_change_is_refused_and_changes_nothing(bad: Any, api: APIClient, ada: User) -> None:
    before = User.objects.values().get()

    answer = _change(api, "me", bad)

    assert answer.status_code == 400
    assert User.objects.values().get() == before


@pytest.mark.parametrize(("headers", "status"), [({}, 428), ({"If-Match": '"7"'}, 412), ({"If-Match": "1"}, 412)])
@pytest.mark.parametrize("method", ["patch", "delete"])
def test_who_has_not_seen_the_account_as_it_stands_changes_nothing(
    method: str, headers: dict[str, str], status: int, api: APIClient, ada: User
) -> None:
    answer = getattr(api, method)("/api/v1/users/me", {}, format="json", headers=headers)

    problem_of(answer, status, "if_match_missing" if status == 428 else "changed_meanwhile")
    assert User.objects.get().version == 1


def test_of_two_changes_at_once_one_is_too_late(ada: User) -> None:
    clients = client_of(ada), client_of(ada)

    answers = together(
        lambda: _change(clients[0], "me", {"name": "First"}).status_code,
        lambda: _change(clients[1], "me", {"name": "Second"}).status_code,
    )

    assert sorted(answers) == [200, 412]
    assert User.objects.get().version == 2


def test_staff_can_help(staff: APIClient, grace: User) -> None:
    assert _change(staff, grace.pk, {"language": "de"}).status_code == 200
    assert User.objects.get(pk=grace.pk).language == "de"


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_key_that_may_only_read_changes_nothing(method: str, ada: User) -> None:
    reader = client_of(ada, scopes=["users:read"])

    answer = getattr(reader, method)("/api/v1/users/me", {}, format="json", headers={"If-Match": '"1"'})

    problem_of(answer, 403, "scope_missing")


# --- Everything held ----------------------------------------------------------------------------------------


def test_a_person_gets_everything_that_is_held_about_them(api: APIClient, ada: User) -> None:
    answer = api.get("/api/v1/users/me/export")

    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert set(answer.json()) == {"users", "audit", "orders", "payments", "notifications"}
    assert answer.json()["users"]["account"]["email"] == "ada@example.com"
    assert "password" not in answer.content.decode()


def test_a_key_needs_the_scopes_of_everything_that_an_export_reads(ada: User) -> None:
    narrow = client_of(ada, scopes=["users:read", "orders:read"])

    answer = narrow.get("/api/v1/users/me/export")

    assert problem_of(answer, 403, "scope_missing")["required_scope"] == "payments:read"


# --- Erasing ------------------------------------------------------------------------------------------------


def _erase(client: APIClient, person: object = "me", body: Any = None, *, version: int = 1) -> Any:
    return client.delete(f"/api/v1/users/{person}", body or {}, format="json", headers={"If-Match": f'"{version}"'})


@pytest.fixture
def with_password(ada: User) -> User:
    ada.set_password(PASSWORD)
    ada.save()
    return ada


def test_who_knows_their_password_is_erased(api: APIClient, with_password: User, published: Published) -> None:
    answer = _erase(api, body={"password": PASSWORD}, version=2)

    left = User.objects.get()
    assert (answer.status_code, answer.content) == (204, b"")
    assert (left.email, left.name, left.is_active) == (f"erased-{left.pk}@erased.invalid", "", False)
    assert published == [UserErased(user_id=left.pk)]
    assert api.get("/api/v1/users/me").status_code == 401


@pytest.mark.parametrize("body", [{}, {"password": ""}, {"password": "something else"}])
def test_a_token_alone_erases_nobody(body: Any, api: APIClient, with_password: User) -> None:
    problem_of(_erase(api, body=body, version=2), 403, "password_wrong")
    assert not User.objects.get().is_erased


def test_guessing_the_password_so_is_limited(api: APIClient, with_password: User) -> None:
    answers = [_erase(api, body={"password": f"guess {number}"}, version=2).status_code for number in range(6)]

    assert answers == [403] * 5 + [429]


def test_an_account_without_a_password_needs_none(api: APIClient, ada: User) -> None:
    assert _erase(api).status_code == 204


def test_staff_erase_others_by_their_own_password_and_then_there_is_nobody(grace: User) -> None:
    support = User.objects.create_user("support@example.com", PASSWORD, is_staff=True, is_superuser=True)
    client = client_of(support)

    assert _erase(client, grace.pk, {"password": "wrong"}).status_code == 403
    assert _erase(client, grace.pk, {"password": PASSWORD}).status_code == 204
    assert client.get(f"/api/v1/users/{grace.pk}").status_code == 404
    assert _change(client, grace.pk, {"name": "Ghost"}, version=2).status_code == 404


def test_erasing_twice_at_once_erases_once(ada: User, published: Published) -> None:
    clients = client_of(ada), client_of(ada)

    answers = together(*[lambda client=client: _erase(client).status_code for client in clients])

    assert sorted(answers)[0] == 204
    assert sorted(answers)[1] in {401, 404, 412}
    assert len(published.of(UserErased)) == 1


def test_looking_at_oneself_asks_the_database_three_times(
    api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        api.get("/api/v1/users/me")
