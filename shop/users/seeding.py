"""Demo accounts, and customers with ready tokens for load."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.hashers import make_password

from shop.states import bulk_save
from shop.users.models import AccessToken, User

PASSWORD = "shop-demo-password"  # noqa: S105 - known to everybody, and made in development only


def seed() -> str | None:
    """Make the demo accounts, once and in development only."""
    if not settings.DEVELOPMENT:
        return None
    if not User.objects.filter(email="customer@example.com").exists():
        User.objects.create_user("customer@example.com", PASSWORD, name="Clara Customer")
        User.objects.create_superuser("admin@example.com", PASSWORD, name="Ada Admin")
    return f"customer@example.com and admin@example.com (staff), both with the password {PASSWORD}"


def token_for(email: str) -> str:
    """A fresh access token of an account; raises `User.DoesNotExist`."""
    token, access = AccessToken.issue(User.objects.get_by_natural_key(email))
    access.save()
    return token


def customers(count: int) -> Iterator[str]:
    """Make new customers and yield a token of each; they cannot log in by password."""
    made = [User(email="", name="Load", password=make_password(None)) for _ in range(count)]
    for user in made:
        user.email = f"{user.pk}@load.example.com"
    bulk_save(made)
    issued = [AccessToken.issue(user) for user in made]
    AccessToken.objects.bulk_create(access for _, access in issued)
    return (token for token, _ in issued)
