"""Demo accounts, and customers with ready API keys for load."""

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password

from shop.api.scopes import SCOPES
from shop.states import bulk_save
from shop.users import api_keys
from shop.users.models import ApiKey, User

PASSWORD = "shop-demo-password"  # noqa: S105 - known to everybody, and made in development only


def seed() -> str | None:
    """Make the demo accounts, once and in development only."""
    if not settings.DEVELOPMENT:
        return None
    if not User.objects.filter(email="customer@example.com").exists():
        _verify(
            User.objects.create_user("customer@example.com", PASSWORD, name="Clara Customer"),
            User.objects.create_superuser("admin@example.com", PASSWORD, name="Ada Admin"),
        )
    return f"customer@example.com and admin@example.com (staff), both with the password {PASSWORD}"


def token_for(email: str) -> str:
    """The secret of a fresh API key of an account, with all scopes; raises `User.DoesNotExist`."""
    secret, key = _key(User.objects.get_by_natural_key(email))
    key.save()
    return secret


def customers(count: int) -> Iterator[str]:
    """Make new customers and yield an API key of each; they cannot log in by password."""
    made = [User(email="", name="Load", password=make_password(None)) for _ in range(count)]
    for user in made:
        user.email = f"{user.pk}@load.example.com"
    bulk_save(made)
    _verify(*made)
    issued = [_key(user) for user in made]
    ApiKey.objects.bulk_create(key for _, key in issued)
    return (secret for secret, _ in issued)


def _key(owner: User) -> tuple[str, ApiKey]:
    return api_keys.draft(owner=owner, name="manage.py seed", scopes=SCOPES)


def _verify(*users: User) -> None:
    """Their addresses are theirs: nobody has to prove it by a code."""
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
