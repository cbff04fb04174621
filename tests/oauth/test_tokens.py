from datetime import timedelta

import pytest
from allauth.idp.oidc.models import Client as Program
from allauth.idp.oidc.models import Token
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from shop.bus.models import Event
from shop.users.models import User
from tests.oauth.programs import ThirdParty, rest
from tests.problems import problem_of
from tests.shopping import order_json, place

pytestmark = pytest.mark.django_db

ORDERS = "/api/v1/orders"


@pytest.fixture
def till(ada: User) -> ThirdParty:
    """A program that comes by its own credentials, and speaks for Ada."""
    program = Program(name="Till", grant_types="client_credentials", scopes="orders:read\norders:write", owner=ada)
    program.set_secret("a secret")
    program.save()
    return ThirdParty(program)


def _token(till: ThirdParty, scope: str = "orders:read", **more: str) -> str:
    return str(till.post(grant_type="client_credentials", scope=scope, **more).json()["access_token"])


def test_a_program_that_comes_by_its_own_credentials_speaks_for_its_owner(
    till: ThirdParty, ada: User, mugs: object
) -> None:
    client = rest(_token(till, "orders:read orders:write"))

    placed = client.post(ORDERS, order_json(), format="json", headers={"Idempotency-Key": "k"})

    assert client.get(placed["Location"]).status_code == 200
    assert Event.objects.get(type="order.placed").actor == f"client:{till.program.pk}"


def test_it_may_what_it_asked_for_and_nothing_else(till: ThirdParty) -> None:
    client = rest(_token(till))

    answer = client.post(ORDERS, order_json(), format="json", headers={"Idempotency-Key": "k"})

    assert client.get(ORDERS).status_code == 200
    assert problem_of(answer, 403, "scope_missing")["required_scope"] == "orders:write"


def test_a_token_without_scopes_may_nothing(till: ThirdParty) -> None:
    problem_of(rest(_token(till, "")).get(ORDERS), 403, "scope_missing")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "payments:write"}, "invalid_scope"),
        ({"client_secret": "a guess"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"grant_type": "authorization_code", "code": "x"}, "unauthorized_client"),
        ({"grant_type": ""}, "unsupported_grant_type"),
    ],
)
def test_what_it_may_not_have_it_does_not_get(form: dict[str, str], error: str, till: ThirdParty) -> None:
    answer = till.post(**{"grant_type": "client_credentials", **form})

    assert answer.status_code in {400, 401}
    assert answer.json()["error"] == error
    assert not Token.objects.exists()


def test_without_its_owner_it_is_nobody(till: ThirdParty, ada: User) -> None:
    client = rest(_token(till))
    ada.is_active = False
    ada.save()

    problem_of(client.get(ORDERS), 401, "token_invalid")


def test_a_token_for_another_address_is_refused_here(till: ThirdParty) -> None:
    here = _token(till, resource="http://testserver/api/v1")
    elsewhere = _token(till, resource="https://elsewhere.example.com/")

    assert rest(here).get(ORDERS).status_code == 200
    problem_of(rest(elsewhere).get(ORDERS), 401, "token_invalid")


@pytest.mark.parametrize("kind", [Token.Type.REFRESH_TOKEN, Token.Type.AUTHORIZATION_CODE])
def test_only_access_tokens_open_the_rest_api(kind: str, till: ThirdParty) -> None:
    token = Token(type=kind, client=till.program, user=till.program.owner, scopes="orders:read")
    token.set_value("a value")
    token.expires_at = timezone.now() + timedelta(hours=1)
    token.save()

    problem_of(rest("a value").get(ORDERS), 401, "token_invalid")


@pytest.mark.parametrize("token", ["", "x", "x" * 7000, "t\xf6ken", "two words", "a\0b"])
def test_what_is_no_token_opens_nothing(token: str, db: None) -> None:
    problem_of(rest(token).get(ORDERS), 401, "token_invalid")


def test_looking_at_an_order_with_an_access_token_asks_the_database_as_often_as_with_a_key(
    till: ThirdParty, ada: User, mugs: object, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    order, client = place(ada, {"MUG-BLUE": 1}), rest(_token(till))

    with django_assert_max_num_queries(3):  # the token with whom it speaks for, the order, its lines
        client.get(f"{ORDERS}/{order.pk}")
