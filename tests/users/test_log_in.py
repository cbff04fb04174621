"""Logging in and out, tokens and their ends, new passwords and addresses; and what strangers cannot do about it."""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from shop.users import guessing
from shop.users.events import UserUpdated
from shop.users.models import Session, User
from tests.conftest import Published
from tests.crowds import together
from tests.people import APP, PASSWORD, App, code_for, mails_to, signed_up
from tests.processes import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]

Drain = Callable[[], None]
EMAIL = "ada@example.com"


@pytest.fixture
def ada(drain_all: Drain) -> App:
    return signed_up(EMAIL, drain_all)


def _me(app: App) -> int:
    return int(app.api("GET", "/users/me").status_code)


# --- In and out ---------------------------------------------------------------------------------------------


def test_the_good_password_logs_in_however_the_address_is_spelt(ada: App) -> None:
    app = App()

    answer = app.log_in("ADA@Example.com")

    assert answer.status_code == 200
    assert _me(app) == 200


def test_whoever_logs_in_often_logs_in_as_quickly_as_ever(
    ada: App, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with CaptureQueriesContext(connection) as asked:
        App().log_in(EMAIL)
    before = len(asked)
    for _ in range(5):
        App().log_in(EMAIL)

    with django_assert_max_num_queries(before):
        assert App().log_in(EMAIL).status_code == 200


def test_sessions_past_their_time_are_removed_now_and_then(ada: App, monkeypatch: pytest.MonkeyPatch) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr("shop.sweeping.CHANCE", 1.0)

    App().log_in(EMAIL)

    assert [session.expire_date > timezone.now() for session in Session.objects.all()] == [True]


def test_a_session_that_has_ended_is_listed_no_more(ada: App) -> None:
    App().log_in(EMAIL)
    listed = len(ada.ask("GET", "/auth/sessions").json()["data"])
    Session.objects.exclude(session_key=ada.session).delete()

    App().log_in(EMAIL)

    assert listed == 2
    assert UserSession.objects.count() == 2


@pytest.mark.parametrize(("email", "password"), [(EMAIL, "wrong password"), ("nobody@example.com", PASSWORD)])
def test_a_wrong_password_and_an_unknown_address_are_answered_alike(email: str, password: str, ada: App) -> None:
    answer = App().log_in(email, password)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "email_password_mismatch"


def test_a_login_changes_no_etag_and_two_at_once_are_no_conflict(ada: App) -> None:
    before = ada.api("GET", "/users/me")["ETag"]

    answers = together(*[lambda: App().log_in(EMAIL).status_code] * 4)

    assert answers == [200] * 4
    assert ada.api("GET", "/users/me")["ETag"] == before
    assert User.objects.get().last_login is not None


def test_logging_out_ends_the_session_and_its_tokens_and_no_other(ada: App) -> None:
    other = App()
    other.log_in(EMAIL)

    ada.ask("DELETE", "/auth/session")

    assert _me(ada) == 401
    assert ada.ask("POST", "/tokens/refresh", {"refresh_token": ada.refresh}).status_code in {400, 410}
    assert _me(other) == 200


def test_one_sees_where_one_is_logged_in_and_ends_it_there(ada: App) -> None:
    lost = App()
    lost.log_in(EMAIL)

    listed = ada.ask("GET", "/auth/sessions").json()["data"]
    (elsewhere,) = [session["id"] for session in listed if not session["is_current"]]
    ada.ask("DELETE", "/auth/sessions", {"sessions": [elsewhere]})

    assert len(listed) == 2
    assert (_me(lost), _me(ada)) == (401, 200)


def test_nobody_ends_anothers_session(ada: App, drain_all: Drain) -> None:
    mallory = signed_up("mallory@example.com", drain_all)
    session = ada.ask("GET", "/auth/sessions").json()["data"][0]["id"]

    answer = mallory.ask("DELETE", "/auth/sessions", {"sessions": [session]})

    assert answer.status_code == 400
    assert _me(ada) == 200


@pytest.mark.parametrize("sessions", ["x", [{}], [None], ["1'--"], [10**30], {"a": 1}])
def test_what_is_no_session_cannot_be_ended(sessions: Any, ada: App) -> None:
    assert ada.ask("DELETE", "/auth/sessions", {"sessions": sessions}).status_code == 400


def test_an_inactive_account_is_told_nothing(ada: App) -> None:
    user = User.objects.get()
    user.is_active = False
    user.save()

    assert App().log_in(EMAIL).status_code in {400, 401}
    assert _me(ada) == 401


# --- Tokens -------------------------------------------------------------------------------------------------


def test_a_refresh_token_is_good_once_and_makes_new_tokens(ada: App) -> None:
    first = ada.refresh
    answer = ada.http.post(f"{APP}/tokens/refresh", {"refresh_token": first}, "application/json")
    ada.access = answer.json()["data"]["access_token"]

    again = ada.http.post(f"{APP}/tokens/refresh", {"refresh_token": first}, "application/json")

    assert (answer.status_code, again.status_code) == (200, 400)
    assert _me(ada) == 200


def _forged(token: str, key: str, algorithm: str, **claims: Any) -> str:
    payload = jwt.decode(token, options={"verify_signature": False})
    return str(jwt.encode(payload | claims, key, algorithm=algorithm))


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: _forged(token, "x" * 64, "HS256"),
        lambda token: _forged(token, "", "none"),
        lambda token: _forged(token, django_settings.SECRET_KEY, "HS512"),
        lambda token: _forged(token, django_settings.SECRET_KEY, "HS256", exp=1),
        lambda token: _forged(token, django_settings.SECRET_KEY, "HS256", token_use="refresh"),
        lambda token: _forged(token, django_settings.SECRET_KEY, "HS256", sub="01a2120b-a0f3-7381-98fe-538304f4bc33"),
        lambda token: _forged(token, django_settings.SECRET_KEY, "HS256", sid="AAAA"),
        lambda token: _forged(token, django_settings.SECRET_KEY, "HS256", sid=7),
        lambda token: token[:-2],
        lambda token: token + "x",
        lambda _: "eyJ",
        lambda _: "eyJ.eyJ.",
        lambda _: "eyJ" + "x" * 7000,
    ],
)
def test_a_token_that_is_not_ours_opens_nothing(forge: Callable[[str], str], ada: App) -> None:
    ada.access = forge(ada.access)

    answer = ada.api("GET", "/users/me")

    assert answer.status_code == 401
    assert answer.json()["code"] == "token_invalid"
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_that_was_good_ends_with_its_time(ada: App) -> None:
    ada.access = _forged(ada.access, django_settings.SECRET_KEY, "HS256", exp=int(time.time()) + 2)

    before = _me(ada)

    assert before == 200
    eventually(lambda: _me(ada) == 401, "the token has ended")


@pytest.mark.parametrize("token", ["x" * 32, "short", "a\0b", "é" * 32, "x" * 5000, "'; DROP TABLE users_session --"])
def test_a_session_token_that_is_not_ours_opens_nothing(token: str) -> None:
    answer = Client().get("/api/v1/users/me", headers={"X-Session-Token": token})
    at_allauth = Client().get(f"{APP}/auth/session", headers={"X-Session-Token": token})

    assert (answer.status_code, at_allauth.status_code) == (401, 410)


def test_finding_out_who_asks_takes_one_question(ada: App, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert ada.api("POST", "/users/me").status_code == 405


def test_logging_in_asks_the_database_a_fixed_number_of_times(
    ada: App, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(30):
        App().log_in(EMAIL)


# --- Another password, another address ----------------------------------------------------------------------


def _asks_for_a_code(drain_all: Drain, email: str = EMAIL) -> App:
    app = App()
    assert app.ask("POST", "/auth/password/request", {"email": email}).status_code == 401
    drain_all()
    return app


def test_a_code_sets_a_new_password_and_ends_all_sessions(ada: App, drain_all: Drain) -> None:
    app = _asks_for_a_code(drain_all)

    answer = app.ask("POST", "/auth/password/reset", {"key": code_for(EMAIL), "password": "quite another way"})

    assert answer.status_code in {200, 401}
    assert _me(ada) == 401
    assert App().log_in(EMAIL).status_code == 400
    assert App().log_in(EMAIL, "quite another way").status_code == 200
    drain_all()
    assert any("password has been reset" in mail for mail in mails_to(EMAIL))


def test_a_changed_password_ends_all_other_sessions(ada: App) -> None:
    """The session goes on under a new token, which the answer hands out."""
    other = App()
    other.log_in(EMAIL)

    wrong = ada.ask("POST", "/account/password/change", {"current_password": "no", "new_password": "quite another way"})
    body = {"current_password": PASSWORD, "new_password": "quite another way"}
    answer = ada.ask("POST", "/account/password/change", body)

    assert (wrong.status_code, answer.status_code) == (400, 200)
    assert ada.http.get("/api/v1/users/me", headers={"X-Session-Token": ada.session}).status_code == 200
    assert (_me(ada), _me(other)) == (401, 401)


def test_another_address_takes_the_place_of_the_first_once_it_is_verified(
    ada: App, drain_all: Drain, published: Published
) -> None:
    refused = ada.ask("POST", "/account/email", {"email": "new@example.com"})
    ada.ask("POST", "/auth/reauthenticate", {"password": PASSWORD})
    ada.ask("POST", "/account/email", {"email": "new@example.com"})
    drain_all()
    before = User.objects.get().email

    answer = ada.verify(code_for("new@example.com"))

    user = User.objects.get()
    assert (refused.status_code, answer.status_code) == (401, 200)
    assert (before, user.email) == (EMAIL, "new@example.com")
    assert EmailAddress.objects.get().email == "new@example.com"
    assert published.of(UserUpdated)[-1] == UserUpdated(user_id=user.pk, changed=("email",))
    drain_all()
    assert any("Your email has been changed" in mail for mail in mails_to(EMAIL))


def test_an_address_that_is_anothers_cannot_be_taken(ada: App, drain_all: Drain) -> None:
    signed_up("grace@example.com", drain_all)
    cache.clear()
    ada.ask("POST", "/auth/reauthenticate", {"password": PASSWORD})

    ada.ask("POST", "/account/email", {"email": "grace@example.com"})
    drain_all()

    assert ada.verify(code_for("grace@example.com")).status_code in {400, 409}
    assert User.objects.filter(email="grace@example.com").count() == 1


# --- Strangers ----------------------------------------------------------------------------------------------


def test_a_stranger_elsewhere_cannot_lock_anybody_out(ada: App, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("shop.users.guessing.time.sleep", slept.append)
    stranger = App()
    stranger.http = Client(REMOTE_ADDR="203.0.113.9")

    guesses = [stranger.log_in(EMAIL, f"guess {n}").json()["errors"][0]["code"] for n in range(8)]
    others = [_guess_from(f"203.0.113.{n}") for n in range(10, 20)]

    assert guesses == ["email_password_mismatch"] * 5 + ["too_many_login_attempts"] * 3
    assert others == ["email_password_mismatch"] * 10
    assert App().log_in(EMAIL).status_code == 200
    assert slept == sorted(slept)
    assert max(slept) == 1.0


def _guess_from(address: str) -> str:
    app = App()
    app.http = Client(REMOTE_ADDR=address)
    return str(app.log_in(EMAIL, "a guess").json()["errors"][0]["code"])


def test_one_place_cannot_guess_at_many_accounts(ada: App) -> None:
    guesses = [App().log_in(f"{n}@example.com", "a guess").json()["errors"][0]["code"] for n in range(21)]

    assert guesses == ["email_password_mismatch"] * 20 + ["too_many_login_attempts"]


def test_asking_for_a_code_is_answered_alike_whether_there_is_an_account_or_not(ada: App, drain_all: Drain) -> None:
    known = App().ask("POST", "/auth/password/request", {"email": EMAIL})
    fresh = App().ask("POST", "/auth/password/request", {"email": "nobody@example.com"})

    assert _alike(known) == _alike(fresh)
    drain_all()
    assert any("do not have any record" in mail for mail in mails_to("nobody@example.com"))


@pytest.mark.parametrize("password", ["short", "a good long password"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_wrong_codes_are_answered_alike_whether_there_is_an_account_or_not(
    method: str, password: str, ada: App, drain_all: Drain
) -> None:
    answers = []
    for email in (EMAIL, "nobody@example.com"):
        app = _asks_for_a_code(drain_all, email)
        body = None if method == "GET" else {"key": "BBBB-BBBB", "password": password}
        headers = {"X-Password-Reset-Key": "BBBB-BBBB"} if method == "GET" else {}
        answers.append([_alike(app.ask(method, "/auth/password/reset", body, **headers)) for _ in range(4)])

    assert answers[0] == answers[1]
    assert [status for status, _ in answers[0]] == [400, 400, 400, 409]


def _alike(answer: Any) -> Any:
    body = answer.json()
    body.get("meta", {}).pop("session_token", None)
    return answer.status_code, body


def test_a_known_and_a_fresh_address_take_the_same_time(
    ada: App, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the real hash. What differs is a few small rows; a stranger sees each fresh address once."""
    settings.PASSWORD_HASHERS = ["shop.users.hashers.Argon2"]
    limits = ("signup", "confirm_email", "login", "wrong_password", "reset_password")
    settings.ACCOUNT_RATE_LIMITS = dict.fromkeys(limits)
    monkeypatch.setattr(guessing, "pause", lambda _login: None)
    ways: dict[str, Callable[[str], Any]] = {
        "sign-up": lambda email: App().sign_up(email),
        "login": lambda email: App().log_in(email, "a wrong password"),
        "reset": lambda email: App().ask("POST", "/auth/password/request", {"email": email}),
    }

    taken = {way: _seconds(act) for way, act in ways.items()}

    for way, (known, fresh) in taken.items():
        told = f"known {statistics.median(known) * 1000:.1f} ms, fresh {statistics.median(fresh) * 1000:.1f} ms"
        print(f"{way}: {told}")  # noqa: T201 - for who wants to see it
    quickest = {way: (min(known), min(fresh)) for way, (known, fresh) in taken.items()}
    assert all(max(both) < 1.5 * min(both) + 0.01 for both in quickest.values()), quickest


def _seconds(act: Callable[[str], Any], times: int = 15) -> tuple[list[float], list[float]]:
    """For a known address and for fresh ones, in turns. The quickest met little else of the machine."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(times):
        for email, seconds in zip((EMAIL, f"{number}.{time.monotonic_ns()}@example.com"), taken, strict=True):
            began = time.perf_counter()
            act(email)
            seconds.append(time.perf_counter() - began)
    return taken


def test_sessions_know_their_person_and_strangers_are_forgotten_after_an_hour(ada: App) -> None:
    App().ask("POST", "/auth/password/request", {"email": "nobody@example.com"})

    mine = Session.objects.get(user__isnull=False)
    strangers = Session.objects.get(user=None)

    assert mine.user == User.objects.get()
    assert strangers.claimed == Session.digest_of("nobody@example.com")
    assert (mine.expire_date - strangers.expire_date).days == 13
