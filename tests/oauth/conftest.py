from collections.abc import Iterator

import pytest
from allauth.idp.oidc.models import Client as Program
from django.core.cache import cache
from pytest_django import Settings

from tests.oauth.programs import CALLBACK, ThirdParty

WEB = "authorization_code\nrefresh_token"


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Settings) -> None:
    """A good password hash takes its time, on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    """Wrong passwords of one test do not count in the next."""
    cache.clear()
    yield
    cache.clear()


def _program(name: str, grants: str, scopes: str, **more: object) -> ThirdParty:
    program = Program(name=name, grant_types=grants, scopes=scopes, redirect_uris=CALLBACK, **more)
    program.set_secret("a secret")
    program.save()
    return ThirdParty(program)


@pytest.fixture
def bookkeeper(db: None) -> ThirdParty:
    """A web application that people let in, to see their orders."""
    return _program("Bookkeeper", WEB, "openid\nprofile\nemail\norders:read\norders:write")


@pytest.fixture
def phone_app(db: None) -> ThirdParty:
    """One that can keep no secret."""
    return _program("Pocket", WEB, "orders:read", type=Program.Type.PUBLIC)
