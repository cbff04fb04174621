from typing import Any

import pytest
from allauth.idp.oidc.models import Client as Program
from django.contrib.auth.models import Permission
from django.test import Client

from shop.audit.models import Entry
from shop.users.models import User
from tests.oauth.programs import CALLBACK, ThirdParty

pytestmark = pytest.mark.django_db

CLIENTS = "/admin/allauth_idp_oidc/client/"


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss@example.com", "a long password")


@pytest.fixture
def browser(boss: User) -> Client:
    """A superuser's."""
    client = Client()
    client.force_login(boss)
    return client


def _make(browser: Client, **changes: Any) -> Any:  # Django's test response has no type of its own
    form = {
        "name": "Bookkeeper",
        "type": "confidential",
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": CALLBACK,
        "scopes": ["openid", "orders:read"],
        "owner": "",
    }
    return browser.post(f"{CLIENTS}add/", form | changes, follow=True)


def test_a_new_client_gets_in_by_the_secret_that_is_shown_once(browser: Client, boss: User) -> None:
    page = _make(browser, grant_types=["client_credentials"], owner=str(boss.pk)).content.decode()

    program = Program.objects.get()
    secret = page.partition("is shown only now: ")[2].split("<")[0].strip()
    answer = ThirdParty(program).post(grant_type="client_credentials", client_secret=secret)
    assert answer.status_code == 200
    assert secret.replace("-", "").replace("_", "").isalnum()
    assert secret not in browser.get(f"{CLIENTS}{program.pk}/change/").content.decode()


def test_a_client_is_kept_as_allauth_reads_it(browser: Client) -> None:
    _make(browser, redirect_uris=f"{CALLBACK}\n  http://127.0.0.1:8123/back  ")

    program = Program.objects.get()
    assert program.get_scopes() == ["openid", "orders:read"]
    assert program.get_grant_types() == ["authorization_code", "refresh_token"]
    assert program.get_redirect_uris() == [CALLBACK, "http://127.0.0.1:8123/back"]
    assert not program.skip_consent


def test_a_client_is_changed_without_another_secret(browser: Client) -> None:
    _make(browser)
    before = Program.objects.get()
    form = {"name": "Books", "type": "confidential", "grant_types": ["authorization_code"], "redirect_uris": CALLBACK}

    browser.post(f"{CLIENTS}{before.pk}/change/", form | {"scopes": ["orders:read"], "owner": ""})

    after = Program.objects.get()
    assert (after.name, after.get_scopes(), after.secret) == ("Books", ["orders:read"], before.secret)
    shown = browser.get(f"{CLIENTS}{before.pk}/change/").context["adminform"].form
    boxes = [*shown["grant_types"], *shown["scopes"]]
    ticked = [str(box.data["value"]) for box in boxes if box.data["selected"]]
    assert ticked == ["authorization_code", "orders:read"]


def test_the_audit_tells_of_clients_that_are_made_changed_and_deleted_and_of_no_secret(
    browser: Client, boss: User
) -> None:
    _make(browser, grant_types=["client_credentials"], owner=str(boss.pk))
    program = Program.objects.get()
    form = {"name": "Books", "type": "confidential", "grant_types": ["client_credentials"], "scopes": ["orders:read"]}

    browser.post(f"{CLIENTS}{program.pk}/change/", form | {"redirect_uris": CALLBACK, "owner": str(boss.pk)})
    browser.post(f"{CLIENTS}{program.pk}/delete/", {"post": "yes"})

    made, changed, deleted = Entry.objects.order_by("id")
    assert {entry.subject for entry in (made, changed, deleted)} == {f"oauth_clients/{program.pk}"}
    assert (made.before, (made.after or {})["owner"]) == ({}, str(boss.pk))
    assert ((changed.before or {})["name"], (changed.after or {})["name"]) == ("Bookkeeper", "Books")
    assert (deleted.action, (deleted.before or {})["name"]) == ("oauth_client.deleted", "Books")
    assert program.secret not in str([(entry.before, entry.after) for entry in (made, changed, deleted)])
    assert not Program.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "a\0b"},
        {"type": "secretive"},
        {"grant_types": []},
        {"grant_types": ["password"]},
        {"scopes": []},
        {"scopes": ["keys:write"]},
        {"redirect_uris": ""},
        {"redirect_uris": "http://books.example.com/callback"},
        {"redirect_uris": "javascript:alert(1)"},
        {"redirect_uris": "https://*.example.com/"},
        {"redirect_uris": "https://books.example.com/#there"},
        {"redirect_uris": "https://[::1/"},
        {"owner": "nobody"},
        {"grant_types": ["client_credentials"]},
        {"grant_types": ["client_credentials"], "type": "public"},
    ],
)
def test_what_is_no_client_is_said_in_the_form(changes: dict[str, Any], browser: Client) -> None:
    response = _make(browser, **changes)

    assert response.status_code == 200
    assert response.context["errors"]
    assert not Program.objects.exists()


def test_staff_make_no_clients_that_speak_for_other_staff(ada: User, boss: User) -> None:
    ada.is_staff = True
    ada.save()
    ada.user_permissions.set(Permission.objects.filter(codename__in=["add_client", "view_client"]))
    clerk = Client()
    clerk.force_login(ada)

    page = _make(clerk, grant_types=["client_credentials"], owner=str(boss.pk)).content.decode()

    assert "Only superusers" in page
    assert not Program.objects.exists()
