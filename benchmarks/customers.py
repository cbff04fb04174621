"""`python -m benchmarks.customers 500 FILE`: new customers who have logged in, and their access tokens, a line each.

Beside a running stack. Passwords are left out, since hashing hundreds of them takes longer than the benchmark; from
there on it is what a login does: Django's session, and the tokens of apps that allauth makes of it.
"""

import os
import sys
from pathlib import Path

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    django.setup()

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest

from shop.users import seeding
from shop.users.models import User
from shop.users.sessions import SessionStore
from shop.users.tokens import Tokens

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@transaction.atomic
def sign_in(count: int) -> list[str]:
    """Make so many customers; the access token of each."""
    known = set(User.objects.values_list("pk", flat=True))
    list(seeding.customers(count))
    return [_token_of(user) for user in User.objects.exclude(pk__in=known)]


def _token_of(user: User) -> str:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "127.0.0.1"
    request.session = SessionStore()
    request.user = user
    login(request, user, backend=_BACKEND)
    request.session.save()
    handed_out = Tokens().create_access_token_payload(request)
    assert handed_out is not None  # noqa: S101 - somebody has logged in
    request.session.save()
    return str(handed_out["access_token"])


if __name__ == "__main__":
    file = Path(sys.argv[2])
    file.touch(mode=0o600)
    file.write_text("\n".join(sign_in(int(sys.argv[1]))))
