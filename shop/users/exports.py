"""What accounts hold about a person. Secrets (password, codes, keys, tokens) are not part of it."""

from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Token
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from shop.users.models import AccountMail, Address, ApiKey, User

_USER = ("id", "email", "name", "language", "marketing", "is_staff", "date_joined", "registered_at", "last_login")
_ADDRESS = ("id", "name", "line1", "line2", "city", "postal_code", "region", "country", "created_at")
_DEFAULTS = ("default_shipping", "default_billing")


def held_about(user_id: UUID) -> dict[str, Any]:
    """The account and everything that belongs to it."""
    return {
        "account": User.objects.filter(pk=user_id).values(*_USER).first(),
        "emails": list(EmailAddress.objects.filter(user=user_id).values("email", "verified", "primary")),
        "addresses": list(Address.objects.filter(user=user_id).order_by("pk").values(*_ADDRESS, *_DEFAULTS)),
        "sessions": list(
            UserSession.objects.filter(user=user_id).values("ip", "user_agent", "created_at", "last_seen_at")
        ),
        "second_factors": list(Authenticator.objects.filter(user=user_id).values("type", "created_at", "last_used_at")),
        "api_keys": list(ApiKey.objects.filter(owner=user_id).values("name", "prefix", "created_at", "last_used_at")),
        "programs": list(
            Token.objects.filter(user=user_id).values("client__name", "scopes", "created_at", "expires_at")
        ),
        "mails": list(AccountMail.objects.filter(user=user_id).order_by("pk").values("kind", "created_at")),
    }
