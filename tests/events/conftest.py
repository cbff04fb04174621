"""Who reads events."""

import pytest
from rest_framework.test import APIClient

from shop.users.models import User
from tests.keys import client_of


@pytest.fixture
def grace(db: None) -> User:
    """One of the shop's staff."""
    return User.objects.create_user("grace@example.com", name="Grace", is_staff=True)


@pytest.fixture
def staff(grace: User) -> APIClient:
    """A REST client that is Grace."""
    return client_of(grace)
