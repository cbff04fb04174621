"""Who uses the shop, and the tokens that speak for them."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from shop.states import Guarded, GuardedQuerySet


class UserManager(BaseUserManager.from_queryset(GuardedQuerySet["User"])):  # type: ignore[misc]  # made at run time
    """Makes users; e-mail addresses are kept in lower case, so that one address is one account."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user: User = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        user: User = self.get(email=(username or "").lower())
        return user


class User(Guarded, AbstractBaseUser, PermissionsMixin):
    """A person with an account. The e-mail address is the login."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ()  # type: ignore[assignment]  # the base has a list, which Django only reads

    def __str__(self) -> str:
        return self.email


class AccessToken(models.Model):
    """A bearer token: 32 random bytes, of which only the SHA-256 is kept."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"token of {self.user_id} until {self.expires_at:%Y-%m-%d}"

    @staticmethod
    def digest_of(token: str) -> bytes:
        return hashlib.sha256(token.encode()).digest()

    @classmethod
    def issue(cls, user: User, *, lifetime: timedelta = timedelta(days=30)) -> tuple[str, "AccessToken"]:
        """A new token and its unsaved row; the token itself can be shown only now."""
        token = f"shop_{secrets.token_urlsafe(32)}"
        return token, cls(digest=cls.digest_of(token), user=user, expires_at=timezone.now() + lifetime)
