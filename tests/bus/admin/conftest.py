import pytest
from django.test import Client

from tests.staff import browser_of, staff


@pytest.fixture
def operator(transactional_db: None) -> Client:
    """The browser of somebody with the role admin."""
    return browser_of(staff("operator", "admin"))
