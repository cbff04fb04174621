"""Who is asking: by `Authorization: Bearer`, by `X-Session-Token`, or by a browser's cookie."""

import time
from functools import lru_cache
from typing import Any

from allauth.account.internal.userkit import user_id_to_str
from allauth.headless.contrib.rest_framework.authentication import JWTTokenAuthentication, XSessionTokenAuthentication
from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from allauth.headless.tokens.strategies.jwt.internal import (
    decode_token,
    session_key_from_sid,
    validate_access_token,
)
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from shop.bus import act_as
from shop.users import api_keys, guests
from shop.users.guests import GuestGrant
from shop.users.models import ApiKey, User
from shop.users.sessions import person_of

_JSON_IN_BASE64 = "eyJ"  # what the header of every JWT begins with


class BearerToken(BaseAuthentication):
    """The last in the row: a bearer token that nobody else has taken is no good."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, object] | None:
        if bearer_token(request) is None:
            return None
        raise AuthenticationFailed("This token is not known here.", code="token_invalid")

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        return "Bearer"


class ApiKeyToken(BearerToken):
    """Finds the API key and its owner, and names the key as the actor of what follows."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        secret = bearer_token(request)
        if secret is None or not secret.startswith((api_keys.LIVE, api_keys.TEST)):
            return None
        key = api_keys.find(secret)
        if key is None or not key.owner.is_active:
            raise AuthenticationFailed("This API key is not known here.", code="token_invalid")
        if key.revoked_at:
            raise AuthenticationFailed("This API key has been revoked.", code="token_revoked")
        if key.has_expired:
            raise AuthenticationFailed("This API key has expired.", code="token_expired")
        act_as(f"key:{key.pk}")
        api_keys.note_use(key=key)
        return key.owner, key


class GuestToken(BearerToken):
    """Whoever ordered without an account, for that order: nobody who is signed in, with a grant all the same."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, GuestGrant] | None:
        token = bearer_token(request)
        if token is None or not token.startswith(guests.PREFIX):
            return None
        grant = guests.read(token)
        if grant is None:
            raise AuthenticationFailed("This guest's token is not ours.", code="token_invalid")
        act_as("guest")
        return AnonymousUser(), grant


class SessionToken(XSessionTokenAuthentication):
    """Apps: the session token that allauth hands out, in `X-Session-Token`."""

    def authenticate(self, request: Any) -> tuple[User, SessionBase] | None:  # a Request; allauth says HttpRequest
        token = self.get_session_token(request)
        if not token:
            return None
        found = authenticate_by_x_session_token(token)
        if found is None:
            raise AuthenticationFailed("This session is unknown or has ended.", code="token_invalid")
        user, session = found
        act_as(f"user:{user.pk}")
        return user, session

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        return "Bearer"


class SignedToken(JWTTokenAuthentication):
    """Apps: the access token (a JWT) of allauth; it ends with its session. Other bearers are not its affair."""

    def authenticate(self, request: Request) -> tuple[User, dict[str, Any]] | None:
        token = bearer_token(request)
        if token is None or not token.startswith(_JSON_IN_BASE64):
            return None
        found = _at_a_glance(token) or validate_access_token(token)
        if found is None:
            raise AuthenticationFailed("This token is not ours or has ended.", code="token_invalid")
        user, payload = found
        act_as(f"user:{user.pk}")
        return user, payload

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        return "Bearer"


class Cookie(SessionAuthentication):
    """Browsers: the session's cookie, and the CSRF token with whatever changes something."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        found = super().authenticate(request)
        if found is not None:
            act_as(f"user:{found[0].pk}")
        return found

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        return "Bearer"


def _at_a_glance(token: str) -> tuple[User, dict[str, Any]] | None:
    """What allauth would find of a good token; whatever is wrong, or has to be mended, is left to it."""
    payload, session_key = _read(token)
    user = person_of(session_key) if session_key and payload["exp"] > time.time() else None
    return (user, payload) if user and user_id_to_str(user) == payload["sub"] else None


@lru_cache(maxsize=2048)
def _read(token: str) -> tuple[dict[str, Any], str | None]:
    """What a token says and the key of its session, if it is signed by us; who comes again shows the same for minutes.

    Whether the token and its session have ended is not said here: that is to be looked at each time.
    """
    payload = decode_token(token, "access")
    return (payload, session_key_from_sid(payload["sid"])) if payload else ({}, None)


def bearer_token(request: Request) -> str | None:
    """What stands behind `Bearer`; None if it is another scheme, or nothing."""
    scheme, _, token = get_authorization_header(request).partition(b" ")
    return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else None
