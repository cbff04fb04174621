"""Who uses the shop, the API keys that speak for them, and what an account consists of beside."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.crypto import salted_hmac
from uuid_utils.compat import uuid7

from shop.api.scopes import SCOPES
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


class Language(models.TextChoices):
    """What a person is written to in."""

    ENGLISH = "en"
    GERMAN = "de"


class User(Guarded, AbstractBaseUser, PermissionsMixin):
    """A person with an account. The e-mail address is the login.

    `registered_at` is set for those who signed up themselves. Nobody is ever deleted: what is left of an erased
    person is a row without a name, so that books keep somebody to belong to.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    marketing = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    registered_at = models.DateTimeField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ()  # type: ignore[assignment]  # the base has a list, which Django only reads

    class Meta:
        indexes = [  # by a part of either, as the admin looks for people
            GinIndex(OpClass(Upper("email"), "gin_trgm_ops"), name="user_like_email"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="user_like_name"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(language__in=Language.values), name="user_language_is_known"),
            models.CheckConstraint(
                condition=Q(erased_at=None)
                | Q(name="", is_active=False, is_staff=False, is_superuser=False, email__endswith="@erased.invalid"),
                name="user_erased_is_nobody",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None


class Guest(Guarded):
    """Who ordered without an account: what it takes to write to them. Each order has a guest of its own.

    Of an erased guest the row stays, so that the order keeps somebody to belong to.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes = [models.Index(fields=["email"], name="guest_by_email")]
        constraints = [
            models.CheckConstraint(condition=Q(language__in=Language.values), name="guest_language_is_known"),
            models.CheckConstraint(
                condition=Q(erased_at=None) & ~Q(email="") | Q(erased_at__isnull=False, email="", name=""),
                name="guest_can_be_written_to_or_is_erased",
            ),
        ]

    def __str__(self) -> str:
        return self.email or f"guest {self.pk}"

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None

    def erase(self) -> None:
        """Nobody can be written to any more, and nobody can tell who it was."""
        self.email = self.name = ""
        self.language = Language.ENGLISH
        self.erased_at = timezone.now()


class ApiKey(models.Model):
    """Speaks for its owner within its scopes. Of its secret only the SHA-256 is kept, and a beginning to know it by."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = "API key"
        indexes = [models.Index(fields=["owner", "-created_at", "-id"], name="api_key_list")]
        constraints = [
            models.CheckConstraint(
                condition=Q(scopes__contained_by=list(SCOPES)) & Q(scopes__len__gt=0), name="api_key_has_known_scopes"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="api_key_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}...)"

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class Address(Guarded):
    """An entry of somebody's address book, of the same shape as an order's address."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    name = models.CharField(max_length=200)
    line1 = models.CharField(max_length=200)
    line2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100)
    postal_code = models.CharField(max_length=20)
    region = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, validators=[RegexValidator("^[A-Z]{2}$")])
    default_shipping = models.BooleanField(default=False)
    default_billing = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(default_shipping=True), name="address_one_default_shipping"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(default_billing=True), name="address_one_default_billing"
            ),
        ]

    def __str__(self) -> str:
        return f"address {self.pk} of {self.user_id}"


class AccountMail(Guarded):
    """A mail about an account. Whom it is for and what it says, a code perhaps, is kept until it has left."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=60)
    address = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(address="", subject="", body=""), name="account_mail_closed_is_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def close(self) -> None:
        """It has left, or is not wanted any more: nothing of it is kept but that it was."""
        self.address = self.subject = self.body = ""
        self.closed_at = timezone.now()


class Session(AbstractBaseSession):
    """A session, beside whose it is or is about to be.

    `claimed` is a digest of the e-mail address that a stranger typed in: also what others did in somebody's name is
    found and erased with them.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    claimed = models.CharField(max_length=64, blank=True)

    class Meta(AbstractBaseSession.Meta):
        indexes = [models.Index(fields=["claimed"], condition=~Q(claimed=""), name="session_claimed")]

    @staticmethod
    def digest_of(email: str) -> str:
        return salted_hmac("session.claimed", email.lower(), algorithm="sha256").hexdigest()
