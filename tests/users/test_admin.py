from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from shop.audit.models import Entry
from shop.users import api_keys
from shop.users.models import ApiKey, User
from tests.keys import client_with, key_of

pytestmark = pytest.mark.django_db

KEYS = "/admin/users/apikey/"
USERS = "/admin/users/user/"


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss@example.com", "a long password", name="Boss")


@pytest.fixture
def browser(boss: User) -> Client:
    """A superuser's."""
    client = Client()
    client.force_login(boss)
    return client


def _browser_of(user: User, *permissions: str) -> Client:
    """Staff who may what these permissions say."""
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def _make(browser: Client, for_whom: User, **changes: Any) -> Any:  # Django's test response has no type of its own
    form = {
        "owner": str(for_whom.pk),
        "name": "Till 3",
        "scopes": ["orders:read"],
        "expires_at_0": "",
        "expires_at_1": "",
    }
    return browser.post(f"{KEYS}add/", form | changes, follow=True)


# --- Accounts -----------------------------------------------------------------------------------------------


def test_an_account_is_found_by_its_address(browser: Client, ada: User) -> None:
    page = browser.get(USERS, {"q": "ADA@exam"}).content.decode()

    assert "ada@example.com" in page
    assert f"{USERS}{ada.pk}/change/" in page
    assert "1 result" in page


def test_an_account_is_shown_without_its_password_s_hash(browser: Client, boss: User) -> None:
    page = browser.get(f"{USERS}{boss.pk}/change/").content.decode()

    assert "boss@example.com" in page
    assert boss.password not in page
    assert boss.password.split("$")[0] not in page


@pytest.mark.parametrize("what", ["add/", "{ada}/change/", "{ada}/delete/"])
def test_an_account_cannot_be_written_past_its_services(what: str, browser: Client, ada: User) -> None:
    response = browser.post(USERS + what.format(ada=ada.pk), {"name": "Eve", "email": "eve@example.com"})

    assert response.status_code == 403
    ada.refresh_from_db()
    assert (ada.name, ada.version) == ("Ada", 1)


@pytest.mark.parametrize("query", ["q=%00", "q=%F0%28", "is_staff__exact=maybe", "o=9999", "p=x", "nothing__like=this"])
def test_a_strange_search_is_no_error(query: str, browser: Client) -> None:
    assert browser.get(f"{USERS}?{query}", follow=True).status_code == 200


# --- API keys -----------------------------------------------------------------------------------------------


def test_a_new_key_works_and_its_secret_is_shown_once(browser: Client, ada: User) -> None:
    page = _make(browser, ada).content.decode()

    key = ApiKey.objects.get(owner=ada)
    secret = page.partition("is shown only now: ")[2].split("<")[0].strip()
    assert api_keys.find(secret) == key
    assert (key.name, key.scopes) == ("Till 3", ["orders:read"])
    assert timedelta(days=89) < key.expires_at - timezone.now() <= timedelta(days=90)
    assert client_with(secret).get("/api/v1/orders").status_code == 200
    for path in (KEYS, f"{KEYS}{key.pk}/change/", f"{KEYS}{key.pk}/history/"):
        assert secret not in browser.get(path).content.decode()


def test_the_secret_is_kept_in_no_session(browser: Client, ada: User) -> None:
    browser.post(f"{KEYS}add/", {"owner": str(ada.pk), "name": "Till 3", "scopes": ["orders:read"]})

    kept = dict(browser.session)
    assert ApiKey.objects.exists()
    assert "sk_" not in str(kept)


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": "nobody"},
        {"owner": ""},
        {"name": ""},
        {"name": "a\0b"},
        {"name": "N" * 101},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_at_0": "2020-01-01", "expires_at_1": "00:00:00"},
        {"expires_at_0": "2999-01-01", "expires_at_1": "00:00:00"},
        {"expires_at_0": "tomorrow", "expires_at_1": "noon"},
    ],
)
def test_what_is_no_key_is_said_in_the_form(changes: dict[str, Any], browser: Client, ada: User) -> None:
    response = _make(browser, ada, **changes)

    assert response.status_code == 200
    assert response.context["errors"]
    assert not ApiKey.objects.exists()


def test_one_key_more_than_there_may_be_is_said_in_the_form(browser: Client, ada: User) -> None:
    for _ in range(api_keys.MOST_LIVE):
        key_of(ada)

    assert "as many live API keys" in _make(browser, ada).content.decode()


def test_staff_make_no_keys_that_speak_for_other_staff(ada: User, boss: User) -> None:
    clerk = _browser_of(ada, "add_apikey", "view_apikey", "view_user")

    assert "Only superusers" in _make(clerk, boss).content.decode()
    assert not ApiKey.objects.exists()
    _make(clerk, ada)
    assert ApiKey.objects.get().owner == ada


def test_revoked_keys_are_refused_and_the_history_tells_who_did_it(browser: Client, ada: User) -> None:
    secret, key = key_of(ada)

    browser.post(KEYS, {"action": "revoke", "_selected_action": [str(key.pk)]})

    assert client_with(secret).get("/api/v1/orders").json()["code"] == "token_revoked"
    history = browser.get(f"{KEYS}{key.pk}/history/").content.decode()
    assert "Revoked." in history
    assert "boss@example.com" in history


def test_the_audit_tells_of_keys_that_are_made_and_revoked_and_of_no_secret(
    browser: Client, boss: User, ada: User
) -> None:
    _make(browser, ada)
    key = ApiKey.objects.get()

    browser.post(KEYS, {"action": "revoke", "_selected_action": [str(key.pk)]})

    made, revoked = Entry.objects.order_by("id")
    assert (made.by, made.person, made.before) == (boss, ada.pk, {})
    assert set(made.after or {}) == {"owner_id", "name", "scopes", "expires_at", "revoked_at"}
    assert (revoked.subject, (revoked.before or {})["revoked_at"]) == (f"api_keys/{key.pk}", None)
    assert (revoked.after or {})["revoked_at"]


@pytest.mark.parametrize("what", ["change", "delete"])
def test_a_key_is_never_edited_or_removed(what: str, browser: Client, ada: User) -> None:
    _, key = key_of(ada, scopes=["orders:read"])

    response = browser.post(f"{KEYS}{key.pk}/{what}/", {"name": "Till 4", "scopes": ["keys:write"], "post": "yes"})

    assert response.status_code == 403
    assert ApiKey.objects.get().scopes == ["orders:read"]


def test_who_may_only_look_at_keys_neither_makes_nor_revokes_them(ada: User, boss: User) -> None:
    _, key = key_of(boss)
    clerk = _browser_of(ada, "view_apikey")

    clerk.post(KEYS, {"action": "revoke", "_selected_action": [str(key.pk)]})

    assert clerk.get(KEYS).status_code == 200
    assert _make(clerk, ada).status_code == 403
    assert ApiKey.objects.get().revoked_at is None
