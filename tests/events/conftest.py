"""Who reads events."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from shop.users.models import User
from tests.keys import key_of
from tests.settling import settle


class PatientReader(APIClient):
    """Asks when all that was committed can be seen."""

    def get(self, *args: Any, **options: Any) -> Any:  # DRF's signature
        settle()
        return super().get(*args, **options)


@pytest.fixture
def grace(db: None) -> User:
    """One of the shop's staff."""
    return User.objects.create_user("grace@example.com", name="Grace", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(grace: User) -> APIClient:
    """A REST client that is Grace."""
    secret, _ = key_of(grace)
    client = PatientReader()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client
