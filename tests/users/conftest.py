from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Settings) -> None:
    """A good password hash takes its time, on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    """What a test has asked for does not count in the next."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def mailbox(settings: Settings) -> None:
    """Mails arrive in the mailbox of the development stack."""
    settings.EMAIL_BACKEND = "notifications.channels.mailbox.MailboxBackend"
