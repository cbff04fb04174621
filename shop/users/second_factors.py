"""What we want otherwise of allauth's second factors."""

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings


class SecondFactors(DefaultMFAAdapter):
    """Named by MFA_ADAPTER."""

    def get_public_key_credential_rp_entity(self) -> dict[str, Any]:
        """Passkeys belong to the pages where people use them, not to the host that this API is called by."""
        return {"id": urlsplit(settings.FRONTEND_URL).hostname, "name": settings.SHOP_NAME}
