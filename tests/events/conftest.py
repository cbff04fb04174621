"""Who reads events."""

import pytest
from rest_framework.test import APIClient

from shop.users.models import AccessToken, User


@pytest.fixture
def staff(db: None) -> APIClient:
    """A REST client that is one of the shop's staff."""
    grace = User.objects.create_user("grace@example.com", name="Grace", is_staff=True)
    token, access = AccessToken.issue(grace)
    access.save()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client
