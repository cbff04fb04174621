from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from orders.models import Order
from shop.bus.models import Event
from shop.users.models import User
from tests.crowds import together
from tests.oauth.programs import AUTHORIZE, CALLBACK, TOKEN, Person, ThirdParty, rest, told
from tests.problems import problem_of
from tests.shopping import order_json, place

pytestmark = pytest.mark.django_db

ORDERS = "/api/v1/orders"


@pytest.fixture
def person(db: None) -> Person:
    return Person("clara@example.com")


@pytest.fixture
def code(person: Person, bookkeeper: ThirdParty) -> str:
    """What the bookkeeper has got from somebody who let it see their orders."""
    person.signs_in()
    return person.lets_in(bookkeeper.asks())["code"]


# --- Letting a program in -----------------------------------------------------------------------------------


def test_a_program_that_somebody_lets_in_sees_their_orders_and_nobody_else_s(
    person: Person, ada: User, bookkeeper: ThirdParty, mugs: object
) -> None:
    theirs, another_s = place(person.user, {"MUG-BLUE": 1}), place(ada, {"MUG-BLUE": 1})
    asked = bookkeeper.asks(nonce="n")
    at_the_door = person.browser.get(AUTHORIZE, asked)
    inside = person.signs_in(next_page=at_the_door["Location"].partition("next=")[2])

    answer = person.lets_in(asked)
    tokens = bookkeeper.takes(answer["code"]).json()

    assert at_the_door["Location"].startswith("/login?next=")
    assert inside.status_code == 302
    assert answer["state"] == "a-state"
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 3600, "openid orders:read")
    assert tokens["id_token"].count(".") == 2
    assert rest(tokens["access_token"]).get(f"{ORDERS}/{theirs.pk}").status_code == 200
    problem_of(rest(tokens["access_token"]).get(f"{ORDERS}/{another_s.pk}"), 404, "not_found")


def test_a_program_may_no_more_than_it_was_allowed(code: str, bookkeeper: ThirdParty) -> None:
    client = rest(bookkeeper.takes(code).json()["access_token"])

    answer = client.post(ORDERS, order_json(), format="json", headers={"Idempotency-Key": "k"})

    assert problem_of(answer, 403, "scope_missing")["required_scope"] == "orders:write"


def test_somebody_may_allow_less_than_was_asked_for(person: Person, bookkeeper: ThirdParty) -> None:
    person.signs_in()

    code = person.lets_in(bookkeeper.asks("orders:read orders:write"), scopes=["orders:write"])["code"]

    tokens = bookkeeper.takes(code).json()
    assert tokens["scope"] == "orders:write"
    assert rest(tokens["access_token"]).get(ORDERS).status_code == 403


def test_the_page_says_who_asks_for_what(person: Person, bookkeeper: ThirdParty) -> None:
    person.signs_in()

    page = person.browser.get(AUTHORIZE, bookkeeper.asks())

    for said in ("Bookkeeper", "clara@example.com", "See orders, their lines and their stories."):
        assert said in page.content.decode()
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_who_says_no_sends_the_program_away_without_a_code(person: Person, bookkeeper: ThirdParty) -> None:
    person.signs_in()

    assert person.lets_in(bookkeeper.asks(), action="cancel") == {"error": "access_denied", "state": "a-state"}


def test_a_program_without_a_secret_is_let_in_by_its_verifier_alone(person: Person, phone_app: ThirdParty) -> None:
    person.signs_in()

    tokens = phone_app.takes(person.lets_in(phone_app.asks("orders:read"))["code"])

    assert tokens.json()["scope"] == "orders:read"


def test_what_a_program_does_for_somebody_is_done_by_them(person: Person, bookkeeper: ThirdParty, mugs: object) -> None:
    person.signs_in()
    code = person.lets_in(bookkeeper.asks("orders:write"))["code"]
    client = rest(bookkeeper.takes(code).json()["access_token"])

    client.post(ORDERS, order_json(), format="json", headers={"Idempotency-Key": "k"})

    assert Order.objects.get().customer == person.user
    assert Event.objects.get(type="order.placed").actor == f"user:{person.user.pk}"


# --- Who asks wrongly ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example.com/callback"},
        {"redirect_uri": f"{CALLBACK}/more"},
        {"redirect_uri": ""},
        {"client_id": "nobody"},
        {"client_id": ""},
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": ""},
        {"resource": "nonsense"},
    ],
)
def test_a_request_that_cannot_be_trusted_leads_nowhere(
    changes: dict[str, str], person: Person, bookkeeper: ThirdParty
) -> None:
    person.signs_in()

    page = person.browser.get(AUTHORIZE, bookkeeper.asks(**changes))

    assert page.status_code in {200, 400}
    assert "This did not work" in page.content.decode()
    assert "Location" not in page


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "orders:read payments:write"}, "invalid_scope"),
        ({"scope": "keys:write"}, "invalid_scope"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"response_type": "nonsense"}, "unsupported_response_type"),
    ],
)
def test_a_program_that_asks_for_what_it_may_not_have_is_told_so(
    changes: dict[str, str], error: str, person: Person, bookkeeper: ThirdParty
) -> None:
    person.signs_in()

    answer = person.browser.get(AUTHORIZE, bookkeeper.asks(**changes))

    assert f"error={error}" in answer["Location"]


@pytest.mark.parametrize("path", [AUTHORIZE, TOKEN, "/identity/o/api/revoke", "/identity/o/api/userinfo"])
@pytest.mark.parametrize("name", ["client_id", "token", "code", "state"])
def test_nul_is_an_invalid_request_everywhere(path: str, name: str, person: Person) -> None:
    for answer in (person.browser.get(path, {name: "a\0b"}), Client().post(path, {name: "a\0b"})):
        assert answer.status_code in {400, 405}


def test_a_page_of_another_site_cannot_answer_for_somebody(person: Person, bookkeeper: ThirdParty) -> None:
    person.signs_in()
    page = person.browser.get(AUTHORIZE, bookkeeper.asks())
    form = {"request": page.context["form"].initial["request"], "scopes": ["orders:read"], "action": "grant"}

    assert person.browser.post(AUTHORIZE, form).status_code == 403


def test_the_question_cannot_be_changed_before_it_is_answered(person: Person, bookkeeper: ThirdParty) -> None:
    person.signs_in()
    page = person.browser.get(AUTHORIZE, bookkeeper.asks())
    forged = page.context["form"].initial["request"].replace(":", "x:", 1)
    form = {"request": forged, "scopes": ["orders:read"], "action": "grant"}

    answer = person.browser.post(AUTHORIZE, form | {"csrfmiddlewaretoken": str(page.context["csrf_token"])})

    assert answer.status_code == 403


# --- Codes and tokens ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 64},
        {"code_verifier": ""},
        {"code": "unknown"},
        {"code": "two words"},
        {"code": "x" * 5000},
        {"redirect_uri": "https://evil.example.com/callback"},
        {"client_secret": "another secret"},
        {"client_secret": ""},
        {"client_id": "nobody"},
        {"grant_type": "password"},
        {"resource": "nonsense"},
    ],
)
def test_a_code_is_worth_nothing_without_all_that_goes_with_it(
    changes: dict[str, str], code: str, bookkeeper: ThirdParty
) -> None:
    answer = bookkeeper.post(
        **{
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": "v" * 64,
            **changes,
        }
    )

    assert answer.status_code in {400, 401}
    assert answer.json()["error"]
    assert not Token.objects.exists()


def test_the_code_of_another_program_is_worth_nothing(code: str, phone_app: ThirdParty) -> None:
    assert phone_app.takes(code).json() == {"error": "invalid_grant"}


def test_a_code_is_good_once(code: str, bookkeeper: ThirdParty) -> None:
    first, second = bookkeeper.takes(code), bookkeeper.takes(code)

    assert first.status_code == 200
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")


@pytest.mark.django_db(transaction=True)
def test_a_code_taken_by_many_at_once_is_good_once(code: str, bookkeeper: ThirdParty) -> None:
    answers = together(*[partial(ThirdParty(bookkeeper.program).takes, code)] * 8)

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert Token.objects.filter(type=Token.Type.ACCESS_TOKEN).count() == 1


def test_a_code_that_has_ended_is_worth_nothing(code: str, bookkeeper: ThirdParty) -> None:
    cache.clear()  # which keeps it for a minute

    assert bookkeeper.takes(code).json()["error"] == "invalid_grant"


def test_a_refresh_token_is_good_once_and_gives_the_same_scopes(code: str, bookkeeper: ThirdParty) -> None:
    refresh = bookkeeper.takes(code).json()["refresh_token"]

    first = bookkeeper.post(grant_type="refresh_token", refresh_token=refresh)
    second = bookkeeper.post(grant_type="refresh_token", refresh_token=refresh)
    wider = bookkeeper.post(
        grant_type="refresh_token", refresh_token=first.json()["refresh_token"], scope="openid orders:write"
    )

    assert first.json()["scope"] == "openid orders:read"
    assert second.json()["error"] == "invalid_grant"
    assert wider.json()["error"] == "invalid_scope"


def test_a_token_that_has_ended_opens_nothing(code: str, bookkeeper: ThirdParty) -> None:
    client = rest(bookkeeper.takes(code).json()["access_token"])
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    problem_of(client.get(ORDERS), 401, "token_invalid")


def test_tokens_that_have_ended_are_removed_now_and_then(
    code: str, bookkeeper: ThirdParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    bookkeeper.takes(code)
    Token.objects.filter(type=Token.Type.ACCESS_TOKEN).update(expires_at=timezone.now() - timedelta(days=1))
    monkeypatch.setattr("shop.sweeping.CHANCE", 1.0)

    bookkeeper.takes("unknown")

    assert [token.type for token in Token.objects.all()] == [Token.Type.REFRESH_TOKEN]


def test_a_program_may_give_its_token_back(code: str, bookkeeper: ThirdParty) -> None:
    token = bookkeeper.takes(code).json()["access_token"]

    given = bookkeeper.http.post(
        "/identity/o/api/revoke",
        {"token": token, "client_id": bookkeeper.program.pk, "client_secret": "a secret"},
    )

    assert given.status_code == 200
    problem_of(rest(token).get(ORDERS), 401, "token_invalid")


def test_the_tokens_of_an_account_that_was_closed_open_nothing(
    code: str, person: Person, bookkeeper: ThirdParty
) -> None:
    tokens = bookkeeper.takes(code).json()
    person.user.is_active = False
    person.user.save()

    problem_of(rest(tokens["access_token"]).get(ORDERS), 401, "token_invalid")
    refreshed = bookkeeper.post(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"


# --- OpenID Connect -----------------------------------------------------------------------------------------


def test_discovery_says_where_everything_is_and_what_there_is() -> None:
    document: dict[str, Any] = Client().get("/.well-known/openid-configuration").json()

    assert document["token_endpoint"] == "http://testserver/identity/o/api/token"
    assert {"orders:read", "openid"} <= set(document["scopes_supported"])
    assert "keys:write" not in document["scopes_supported"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["response_types_supported"] == ["code"]
    (key,) = Client().get("/.well-known/jwks.json").json()["keys"]
    assert key["kty"] == "RSA"
    assert "d" not in key


def test_userinfo_tells_what_was_allowed_and_no_more(person: Person, bookkeeper: ThirdParty) -> None:
    person.signs_in()
    infos = []
    for scope in ("openid", "openid profile email"):
        token = bookkeeper.takes(person.lets_in(bookkeeper.asks(scope))["code"]).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        infos.append(bookkeeper.http.get("/identity/o/api/userinfo", headers=headers).json())

    subject = {"sub": str(person.user.pk)}
    assert infos[0] == subject
    assert infos[1] == subject | {"email": "clara@example.com", "email_verified": True, "name": "Clara"}


# --- Signing in ---------------------------------------------------------------------------------------------


def test_who_has_not_verified_their_address_does_not_get_in(person: Person) -> None:
    person.user.emailaddress_set.update(verified=False)

    assert "not been verified" in person.signs_in().content.decode()


def test_a_wrong_password_does_not_get_in(person: Person, bookkeeper: ThirdParty) -> None:
    person.signs_in(password="a guess")

    assert person.browser.get(AUTHORIZE, bookkeeper.asks())["Location"].startswith("/login")


@pytest.mark.parametrize("next_page", ["https://evil.example.com/", "//evil.example.com", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_site(next_page: str, person: Person) -> None:
    assert person.signs_in(next_page=next_page)["Location"] == "/"


def test_a_program_that_insists_gets_a_fresh_login(person: Person, bookkeeper: ThirdParty) -> None:
    person.signs_in()

    answer = person.browser.get(AUTHORIZE, bookkeeper.asks(prompt="login"))

    assert answer["Location"].startswith("/login?next=")


def test_without_a_question_only_who_was_let_in_before_gets_a_code(person: Person, bookkeeper: ThirdParty) -> None:
    person.signs_in()
    asked = bookkeeper.asks(prompt="none")

    before = told(person.browser.get(AUTHORIZE, asked))
    bookkeeper.takes(person.lets_in(bookkeeper.asks())["code"])
    after = told(person.browser.get(AUTHORIZE, asked))

    assert before["error"] == "consent_required"
    assert after["code"]
