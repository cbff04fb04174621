"""Who is asking: `Authorization: Bearer <token>`."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from shop.bus import act_as
from shop.users.models import AccessToken, User


class BearerToken(BaseAuthentication):
    """Finds the user of an access token (RFC 6750) and names them as the actor of what follows."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        digest = AccessToken.digest_of(token.strip().decode("latin-1"))
        access = AccessToken.objects.select_related("user").filter(digest=digest).first()
        if access is None or access.expires_at <= timezone.now() or not access.user.is_active:
            raise AuthenticationFailed("This token is unknown or has expired.", code="token_invalid")
        act_as(f"user:{access.user.pk}")
        return access.user, access

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        return "Bearer"
