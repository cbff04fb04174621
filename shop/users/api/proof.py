"""Proof that who asks is who they say, for what cannot be undone: a token may have been stolen."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from rest_framework.request import Request

from shop.api.problems import Problem
from shop.users.models import User


def require_password(request: Request, password: str) -> None:
    """Refuse who does not know the password of their own account, if that has one. Raises `Problem`: 403 or 429."""
    user = request.user
    if not isinstance(user, User) or not user.has_usable_password():
        return
    try:
        known = get_adapter().authenticate(request._request, email=user.email, password=password)  # noqa: SLF001 - DRF's name for Django's request
    except ValidationError:
        detail = "Too many wrong passwords; try again later."
        raise Problem(429, "too_many_attempts", detail, headers={"Retry-After": "60"}) from None
    if known != user:
        raise Problem(403, "password_wrong", "Send the password of your own account with this.")
