"""People of the back office, by their roles, and their browsers."""

from django.contrib.auth.models import Group
from django.test import Client

from shop.users.models import User


def staff(name: str, *held: str) -> User:
    """Somebody who has these roles."""
    user = User.objects.create_user(f"{name}@example.com", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=held))
    return user


def browser_of(user: User) -> Client:
    """Where they are signed in."""
    client = Client()
    client.force_login(user)
    return client
