"""TOTP, recovery codes and passkeys, as apps use them."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache

from tests.passkeys import Passkey
from tests.people import PASSWORD, App, mails_to, signed_up

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]

Drain = Callable[[], None]
EMAIL = "ada@example.com"
ORIGIN = "http://localhost:8000"


@pytest.fixture
def ada(drain_all: Drain) -> App:
    """Ada, who has just shown again that it is her."""
    app = signed_up(EMAIL, drain_all)
    assert app.ask("POST", "/auth/reauthenticate", {"password": PASSWORD}).status_code == 200
    return app


def _now(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def _with_totp(app: App) -> str:
    """Turn TOTP on; its secret."""
    secret: str = app.ask("GET", "/account/authenticators/totp").json()["meta"]["secret"]
    answer = app.ask("POST", "/account/authenticators/totp", {"code": _now(secret)})
    assert answer.status_code == 200, answer.content
    return secret


def _flow(answer: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(flow for flow in answer.json()["data"]["flows"] if flow["id"] == name)
    return found


def test_with_totp_the_password_is_half_the_way(ada: App, drain_all: Drain) -> None:
    secret = _with_totp(ada)
    cache.clear()  # a code is good once
    app = App()

    half = app.log_in(EMAIL)
    wrong = app.ask("POST", "/auth/2fa/authenticate", {"code": "000000"})
    whole = app.ask("POST", "/auth/2fa/authenticate", {"code": _now(secret)})

    assert (half.status_code, wrong.status_code, whole.status_code) == (401, 400, 200)
    assert _flow(half, "mfa_authenticate")["is_pending"]
    assert "access_token" not in half.json()["meta"]
    assert app.api("GET", "/users/me").status_code == 200
    drain_all()
    assert any("Authenticator App Activated" in mail for mail in mails_to(EMAIL))


def test_half_the_way_opens_nothing(ada: App) -> None:
    _with_totp(ada)
    app = App()
    app.log_in(EMAIL)

    answer = app.http.get("/api/v1/users/me", headers={"X-Session-Token": app.session})

    assert answer.status_code == 401


def test_a_recovery_code_is_good_once(ada: App) -> None:
    _with_totp(ada)
    code = ada.ask("POST", "/account/authenticators/recovery-codes").json()["data"]["unused_codes"][0]

    def answer() -> int:
        app = App()
        app.log_in(EMAIL)
        return int(app.ask("POST", "/auth/2fa/authenticate", {"code": code}).status_code)

    assert (answer(), answer()) == (200, 400)


def test_second_factors_cannot_be_guessed_for_long(ada: App) -> None:
    _with_totp(ada)
    app = App()
    app.log_in(EMAIL)

    answers = [app.ask("POST", "/auth/2fa/authenticate", {"code": f"{n:06}"}).json() for n in range(6)]

    codes = [answer["errors"][0]["code"] for answer in answers]
    assert codes == ["incorrect_code"] * 5 + ["too_many_login_attempts"]


def test_a_second_factor_is_not_turned_on_by_a_stolen_session(drain_all: Drain) -> None:
    ada = signed_up(EMAIL, drain_all)
    secret = ada.ask("GET", "/account/authenticators/totp").json()["meta"]["secret"]

    answers = [
        ada.ask("POST", "/account/authenticators/totp", {"code": _now(secret)}),
        ada.ask("GET", "/account/authenticators/webauthn"),
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert all(_flow(answer, "reauthenticate") for answer in answers)
    assert not Authenticator.objects.exists()


def test_a_passkey_logs_in_by_itself(ada: App) -> None:
    passkey = Passkey(ORIGIN)
    options = ada.ask("GET", "/account/authenticators/webauthn?passwordless").json()["data"]["creation_options"]
    added = ada.ask(
        "POST", "/account/authenticators/webauthn", {"name": "phone", "credential": passkey.create(options)}
    )
    app = App()
    asked = app.ask("GET", "/auth/webauthn/login").json()["data"]["request_options"]

    answer = app.ask("POST", "/auth/webauthn/login", {"credential": passkey.get(asked)})

    assert added.status_code == 200, added.content
    assert answer.status_code == 200, answer.content
    assert app.api("GET", "/users/me").json()["email"] == EMAIL


def test_a_passkey_of_another_site_or_key_is_refused(ada: App) -> None:
    options = ada.ask("GET", "/account/authenticators/webauthn?passwordless").json()["data"]["creation_options"]
    elsewhere = Passkey("https://evil.example").create(options)

    refused = ada.ask("POST", "/account/authenticators/webauthn", {"name": "phone", "credential": elsewhere})

    assert refused.status_code == 400
    assert not Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).exists()


@pytest.mark.parametrize(
    "credential",
    [
        None,
        [],
        "text",
        7,
        {},
        {"id": 1},
        {"response": []},
        {"response": {}},
        {"response": {"userHandle": "AAAA"}},
        {"response": {"userHandle": 7}},
        {"response": {"userHandle": "x" * 5000}},
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"clientDataJSON": "AAAA"}},
        {
            "id": "AAAA",
            "rawId": "AAAA",
            "type": "public-key",
            "response": {
                "clientDataJSON": "AAAA",
                "authenticatorData": "AAAA",
                "signature": "AAAA",
                "userHandle": "AA",
            },
        },
    ],
)
def test_what_is_no_passkey_is_refused(credential: Any, ada: App) -> None:
    app = App()
    app.ask("GET", "/auth/webauthn/login")
    ada.ask("GET", "/account/authenticators/webauthn")

    login = app.ask("POST", "/auth/webauthn/login", {"credential": credential})
    added = ada.ask("POST", "/account/authenticators/webauthn", {"name": "phone", "credential": credential})

    assert (login.status_code, added.status_code) == (400, 400)
