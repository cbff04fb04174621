"""Who is asking: `Authorization: Bearer <token>` (RFC 6750). Each class takes the tokens of one kind."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from shop.bus import act_as
from shop.users import api_keys
from shop.users.models import ApiKey, User


class BearerToken(BaseAuthentication):
    """The last in the row: a bearer token that nobody else has taken is no good."""

    def authenticate(self, request: Request) -> tuple[User, object] | None:
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


def bearer_token(request: Request) -> str | None:
    """What stands behind `Bearer`; None if it is another scheme, or nothing."""
    scheme, _, token = get_authorization_header(request).partition(b" ")
    return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else None
