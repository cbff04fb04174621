"""Access tokens of OAuth clients, as a way to say who is asking."""

from dataclasses import dataclass

from allauth.idp.oidc.internal.resources import is_resources_subset
from allauth.idp.oidc.models import Token
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from shop.bus import act_as
from shop.users.authentication import BearerToken, bearer_token
from shop.users.models import User


@dataclass(frozen=True)
class Grant:
    """What a client may do in the name of its user."""

    client_id: str
    scopes: frozenset[str]


class AccessToken(BearerToken):
    """The last in the row: a bearer token that nobody else has taken is an OAuth client's, or no good.

    A client that somebody has let in speaks for them; one that comes by its own credentials speaks for its owner.
    """

    def authenticate(self, request: Request) -> tuple[User, Grant] | None:
        value = bearer_token(request)
        if value is None:
            return None
        found = Token.objects.valid().by_value(value).filter(type=Token.Type.ACCESS_TOKEN, client__isnull=False)
        token = found.select_related("user", "client__owner").first()
        user = _speaks_for(token) if token else None
        if token is None or user is None or not user.is_active or not _is_meant_for_us(token, request):
            raise AuthenticationFailed("This token is not known here, or has ended.", code="token_invalid")
        act_as(f"user:{user.pk}" if token.user_id else f"client:{token.client_id}")
        return user, Grant(str(token.client_id), frozenset(token.get_scopes()))


def _speaks_for(token: Token) -> User | None:
    owner = token.client.owner if token.client else None
    return token.user if token.user_id else owner


def _is_meant_for_us(token: Token, request: Request) -> bool:
    """RFC 8707: a token may be good for some addresses only."""
    return is_resources_subset([request.build_absolute_uri(request.path)], token.get_resources())
