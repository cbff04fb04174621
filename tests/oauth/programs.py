"""A program of another's, which asks people to let it in, and the browser of somebody who does."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client as Program
from django.test import Client
from rest_framework.test import APIClient

from shop.users.models import User
from tests.keys import client_with

CALLBACK = "https://books.example.com/callback"
AUTHORIZE = "/identity/o/authorize"
TOKEN = "/identity/o/api/token"
VERIFIER = "v" * 64
PASSWORD = "a long password"

Answer = Any  # Django's test response has no type of its own


class ThirdParty:
    """Its server, which knows the program's id and secret."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.http = Client()

    def asks(self, scope: str = "openid orders:read", **changes: str) -> dict[str, str]:
        """Where it sends people, as the parameters of `/identity/o/authorize`; an empty one is left out."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        whole = {
            "client_id": self.program.pk,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": scope,
            "state": "a-state",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        } | changes
        return {name: value for name, value in whole.items() if value}

    def takes(self, code: str, **changes: str) -> Answer:
        """Trade a code for tokens."""
        return self.post(
            grant_type="authorization_code",
            code=code,
            redirect_uri=CALLBACK,
            **{"code_verifier": VERIFIER, **changes},
        )

    def post(self, **form: str) -> Answer:
        """Ask the token endpoint, with the secret if there is one."""
        secret = {} if self.program.type == Program.Type.PUBLIC else {"client_secret": "a secret"}
        told = {"client_id": self.program.pk} | secret | form
        return self.http.post(TOKEN, {name: value for name, value in told.items() if value})


class Person:
    """Somebody with a browser and a verified address."""

    def __init__(self, email: str) -> None:
        self.user = User.objects.create_user(email, PASSWORD, name="Clara")
        EmailAddress.objects.create(user=self.user, email=email, verified=True, primary=True)
        self.browser = Client(enforce_csrf_checks=True)

    def signs_in(self, next_page: str = "/", password: str = PASSWORD) -> Answer:
        page = self.browser.get("/login", {"next": next_page})
        form = {"username": self.user.email, "password": password, "next": next_page}
        return self.browser.post("/login", form | _csrf(page))

    def lets_in(self, asked: dict[str, str], scopes: list[str] | None = None, action: str = "grant") -> dict[str, str]:
        """See the page that asks, answer it; what the program is then told at its address."""
        page = self.browser.get(AUTHORIZE, asked)
        assert page.status_code == 200, page.content.decode()
        form = {
            "request": page.context["form"].initial["request"],
            "scopes": asked["scope"].split() if scopes is None else scopes,
            "action": action,
        }
        return told(self.browser.post(AUTHORIZE, form | _csrf(page)))


def told(answer: Answer) -> dict[str, str]:
    """The parameters of the address that an answer sends the browser to, which is the program's."""
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"].startswith(f"{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def rest(token: str) -> APIClient:
    """A REST client with an access token."""
    return client_with(token)


def _csrf(page: Answer) -> dict[str, str]:
    return {"csrfmiddlewaretoken": str(page.context["csrf_token"])}
