"""From a stranger to somebody who is logged in, as apps and browsers do it."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from notifications.models import ReceivedMail
from shop.users.events import AccountMailWritten, UserRegistered
from shop.users.models import AccountMail, Session, User
from tests.conftest import Published
from tests.crowds import together
from tests.people import BROWSER, PASSWORD, App, code_for, mails_to, signed_up

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]

Drain = Callable[[], None]


# --- The way through ----------------------------------------------------------------------------------------


def test_signing_up_makes_an_account_that_waits_for_its_code(published: Published) -> None:
    answer = App().sign_up("Ada@Example.com", name="Ada Lovelace", language="de")

    user = User.objects.get()
    assert answer.status_code == 401
    assert {"id": "verify_email", "is_pending": True} in answer.json()["data"]["flows"]
    assert (user.email, user.name, user.language, user.is_staff) == ("ada@example.com", "Ada Lovelace", "de", False)
    assert not EmailAddress.objects.get(user=user).verified
    assert published.of(UserRegistered) == [UserRegistered(user_id=user.pk)]


def test_the_code_from_the_mail_logs_in_and_the_access_token_opens_the_rest_api(drain_all: Drain) -> None:
    ada = signed_up("ada@example.com", drain_all)

    assert EmailAddress.objects.get().verified
    assert ada.access
    assert ada.refresh
    assert ada.api("GET", "/orders").status_code == 200


def test_a_session_token_opens_the_rest_api_too(drain_all: Drain) -> None:
    ada = signed_up("ada@example.com", drain_all)

    answer = ada.http.get("/api/v1/orders", headers={"X-Session-Token": ada.session})

    assert answer.status_code == 200


def test_a_browser_signs_up_with_cookies_and_needs_its_csrf_token(drain_all: Drain) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.get(f"{BROWSER}/config")
    body = {"email": "ada@example.com", "password": PASSWORD}

    refused = _send(browser, "/auth/signup", body, csrf="")
    answer = _send(browser, "/auth/signup", body)
    drain_all()
    verified = _send(browser, "/auth/email/verify", {"key": code_for("ada@example.com")})

    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert (answer.status_code, verified.status_code) == (401, 200)
    assert "session_token" not in answer.json()["meta"]
    assert browser.get("/api/v1/orders").status_code == 200
    assert browser.post("/api/v1/orders", "{}", "application/json").status_code == 403


def _send(browser: Client, path: str, body: dict[str, Any], csrf: str | None = None) -> Any:
    token = browser.cookies["csrftoken"].value if csrf is None else csrf
    return browser.post(BROWSER + path, json.dumps(body), "application/json", headers={"X-CSRFToken": token})


def test_a_wrong_code_may_be_tried_three_times(drain_all: Drain) -> None:
    ada = App()
    ada.sign_up("ada@example.com")
    drain_all()

    answers = [ada.verify("BBBB-BBBB").status_code for _ in range(3)]

    assert answers == [400, 400, 400]
    assert ada.verify(code_for("ada@example.com")).status_code == 409
    assert not EmailAddress.objects.get().verified


# --- Mails --------------------------------------------------------------------------------------------------


def test_no_mail_is_sent_in_the_request_and_no_code_stands_in_an_event(published: Published) -> None:
    App().sign_up("ada@example.com")

    mail = AccountMail.objects.get()
    assert not ReceivedMail.objects.exists()
    assert published.of(AccountMailWritten) == [AccountMailWritten(mail_id=mail.pk)]
    assert str(re.findall("[B-Z]{4}-[B-Z]{4}", mail.body)[0]) not in repr(published)


def test_what_a_mail_said_is_forgotten_once_it_has_left(drain_all: Drain) -> None:
    App().sign_up("ada@example.com")

    drain_all()

    mail = AccountMail.objects.get()
    assert code_for("ada@example.com")
    assert (mail.address, mail.subject, mail.body) == ("", "", "")
    assert mail.closed_at is not None


def test_mails_speak_the_language_of_their_person_and_call_the_shop_by_its_name(drain_all: Drain) -> None:
    App().sign_up("ada@example.com", language="de")

    drain_all()

    first, welcome = sorted(mails_to("ada@example.com"), key=lambda mail: "Willkommen" in mail)
    assert first.startswith("Bitte bestätige deine E-Mail-Adresse")
    assert first.endswith("\n\n-- \nShop\nhttp://localhost:8000\n")
    assert "testserver" not in first
    assert welcome.startswith("Willkommen bei Shop")


# --- Who is there already -----------------------------------------------------------------------------------


def test_a_known_address_is_answered_like_a_fresh_one_and_hears_of_it_by_mail(drain_all: Drain) -> None:
    fresh = App().sign_up("ada@example.com")
    drain_all()
    cache.clear()

    known = App().sign_up("ada@example.com", "another long password", name="Mallory")

    assert _without_token(known) == _without_token(fresh)
    assert User.objects.get().name == ""
    drain_all()
    assert any("already exists" in mail for mail in mails_to("ada@example.com"))


def _without_token(answer: Any) -> Any:
    body = answer.json()
    assert len(body["meta"].pop("session_token")) == 32
    return answer.status_code, sorted(answer.headers), body


def test_of_many_who_sign_up_with_one_address_at_once_one_gets_the_account() -> None:
    answers = together(*[lambda: App().sign_up("ada@example.com").status_code] * 4)

    assert set(answers) <= {401, 429}
    assert 401 in answers
    assert User.objects.count() == 1
    assert EmailAddress.objects.count() == 1


# --- What does not come in ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        {"email": "no address"},
        {"email": "a@b.example\nBcc: all@example.com"},
        {"email": "x" * 250 + "@example.com"},
        {"email": "a\0@example.com"},
        {"email": {"a": 1}},
        {"email": None},
        {"password": "short"},
        {"password": "password123"},
        {"password": []},
        {"name": "x" * 201},
        {"name": "Ada\r\nBcc: all@example.com"},
        {"name": "Ada\0"},
        {"name": "Ada\u202e"},
        {"language": "tlh"},
    ],
)
def test_a_bad_sign_up_is_refused_and_leaves_nothing(bad: dict[str, Any]) -> None:
    answer = App().ask("POST", "/auth/signup", {"email": "ada@example.com", "password": PASSWORD} | bad)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["param"] in bad
    assert not User.objects.exists()
    assert not AccountMail.objects.exists()


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"text"', b'{"email": "\\ud800@example.com"}', b"\xff", b"[" * 100_000, b'{"a": NaN}']
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    answer = Client().post("/_allauth/app/v1/auth/signup", body, "application/json")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "malformed"


def test_nobody_signs_up_as_staff(drain_all: Drain) -> None:
    App().sign_up("ada@example.com", is_staff=True, is_superuser=True, version=7, registered_at=None)

    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.version) == (False, False, 1)


def test_sign_up_is_refused_after_twenty_from_one_place_in_a_minute() -> None:
    answers = [App().sign_up(f"{number}@example.com").status_code for number in range(21)]

    assert answers == [401] * 20 + [429]


def test_an_error_on_the_way_leaves_nothing_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(EmailAddress, "save", break_off)

    with pytest.raises(RuntimeError):
        App().sign_up("ada@example.com")

    assert not User.objects.exists()
    assert not Session.objects.exists()


# --- What it costs ------------------------------------------------------------------------------------------


def test_signing_up_asks_the_database_a_fixed_number_of_times(
    settings: Settings, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(30):
        App().sign_up("ada@example.com")
