import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.contrib import admin
from django.test import Client
from rest_framework.test import APIClient
from unfold.checks import UnfoldModelAdminChecks

from shop.users.models import User
from tests.problems import problem_of

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
PASSWORD = "a long password"


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss@example.com", PASSWORD)


def _enter(browser: Client, email: str, password: str = PASSWORD, code: str = "") -> bool:
    """Whether this opens the door."""
    browser.post(LOGIN, {"username": email, "password": password, "code": code})
    return browser.get("/admin/").status_code == 200


# --- The door -----------------------------------------------------------------------------------------------


def test_staff_enter_by_their_password(boss: User, client: Client) -> None:
    assert client.get("/admin/")["Location"].startswith(LOGIN)
    assert _enter(client, "Boss@Example.com")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("boss@example.com", "another password"),
        ("boss@example.com", ""),
        ("", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("boss@example.com\0", PASSWORD),
        ("boss@example.com", "p" * 100_000),
    ],
)
def test_nobody_enters_without_the_right_password(email: str, password: str, boss: User, client: Client) -> None:
    assert not _enter(client, email, password)


def test_customers_do_not_enter(client: Client) -> None:
    User.objects.create_user("ada@example.com", PASSWORD)

    assert not _enter(client, "ada@example.com")


def test_staff_whose_account_was_closed_do_not_enter(boss: User, client: Client) -> None:
    boss.is_active = False
    boss.save()

    assert not _enter(client, "boss@example.com")


def test_wrong_passwords_without_end_lock_the_right_one_for_where_they_come_from(boss: User, client: Client) -> None:
    for _ in range(6):
        _enter(client, "boss@example.com", "a guess")

    assert not _enter(client, "boss@example.com")
    assert "Too many failed" in client.post(LOGIN, {"username": boss.email, "password": PASSWORD}).content.decode()


def test_a_second_factor_is_asked_for_at_this_door_too(boss: User, client: Client) -> None:
    secret = generate_totp_secret()
    TOTP.activate(boss, secret)
    code = f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06}"

    assert not _enter(client, "boss@example.com")
    assert not _enter(client, "boss@example.com", code="000000" if code != "000000" else "111111")
    assert _enter(client, "boss@example.com", code=code)


def test_a_post_without_the_csrf_token_opens_nothing(boss: User) -> None:
    browser = Client(enforce_csrf_checks=True)

    assert not _enter(browser, "boss@example.com")


# --- Pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/", "/admin/users/user/", "/admin/nowhere/"])
def test_every_page_says_what_its_scripts_may_do_and_no_script_stands_in_a_page(
    path: str, boss: User, client: Client
) -> None:
    if path != LOGIN:
        client.force_login(boss)

    page = client.get(path)

    policy = page["Content-Security-Policy"]
    assert "script-src 'self'" in policy or "default-src 'none'" in policy
    assert "script-src 'self' 'unsafe-inline'" not in policy
    assert page["X-Frame-Options"] == "DENY"
    assert b"<script>" not in page.content


def test_the_headers_of_the_rest_api_know_nothing_of_the_admin(api: APIClient) -> None:
    answer = api.get("/api/v1/orders")

    assert "script-src" not in answer["Content-Security-Policy"]
    assert "Set-Cookie" not in answer
    problem_of(api.get("/api/v1/nowhere"), 404, "not_found")


def test_every_button_names_a_permission_that_there_is() -> None:
    wrong = [error for shown in admin.site._registry.values() for error in UnfoldModelAdminChecks().check(shown)]

    assert wrong == []


def test_only_what_we_show_ourselves_is_shown() -> None:
    shown = {model._meta.label for model in admin.site._registry}

    assert {"users.User", "users.ApiKey"} <= shown
    assert not {"mfa.Authenticator", "account.EmailAddress", "usersessions.UserSession", "auth.Group"} & shown
