"""What we want otherwise of allauth's OAuth 2 and OpenID Connect server: our scopes, and no more than we support."""

import secrets
from collections.abc import Iterable
from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter

from shop.api.scopes import SCOPES

GRANTED = {name: sentence for name, sentence in SCOPES.items() if name != "keys:write"}
"""What a program of another's may be allowed: all but keys, which would outlive what its user has agreed to."""


class OidcAdapter(DefaultOIDCAdapter):
    """Named by IDP_OIDC_ADAPTER."""

    scope_display: dict[str, Any] = DefaultOIDCAdapter.scope_display | GRANTED  # sentences, some of them lazy

    def generate_client_secret(self) -> str:
        """Of characters that need no escaping in a form or in Basic authentication."""
        return secrets.token_urlsafe(48)

    def get_claims(
        self, purpose: Any, user: Any, client: Any, scopes: Iterable[str], email: str | None = None, **options: Any
    ) -> dict[str, Any]:
        claims = super().get_claims(purpose, user, client, scopes, email, **options)
        return claims | ({"name": user.name} if "profile" in scopes and user.name else {})

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        """RFC 8414: only what the clients of this shop can use."""
        data["scopes_supported"] = list(self.scope_display)
        data["grant_types_supported"] = ["authorization_code", "client_credentials", "refresh_token"]
        data["response_types_supported"] = ["code"]
        data.pop("device_authorization_endpoint")
