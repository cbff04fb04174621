"""API keys for tests, and clients that ask with them."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from rest_framework.test import APIClient

from shop.api.scopes import SCOPES
from shop.users import api_keys
from shop.users.models import ApiKey, User


def key_of(owner: User, *, scopes: Iterable[str] = SCOPES, expires_at: datetime | None = None) -> tuple[str, ApiKey]:
    """The secret of a key, and the key, which was used a moment ago, as those of busy clients are."""
    secret, key = api_keys.draft(owner=owner, name="of a test", scopes=scopes, expires_at=expires_at)
    key.last_used_at = timezone.now()
    key.save()
    return secret, key


def client_with(secret: str) -> APIClient:
    """A REST client that asks with this token."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def client_of(owner: User, *, scopes: Iterable[str] = SCOPES, expires_at: datetime | None = None) -> APIClient:
    """A REST client that asks with a key of this owner's."""
    secret, _ = key_of(owner, scopes=scopes, expires_at=expires_at)
    return client_with(secret)
