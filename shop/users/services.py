"""What people can do with their accounts and address books. What has to do with logging in is allauth's."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from shop.states import bulk_save
from shop.users.models import Address, User

MOST_ADDRESSES = 50
"""How many addresses one person may keep."""

_DEFAULTS = ("default_shipping", "default_billing")


class TooManyAddresses(RuntimeError):
    """This address book is full; remove an address first."""


@transaction.atomic(savepoint=False)
def change_user(*, user: User, **changes: Any) -> None:
    """Change name, language or wishes of a person who is locked; raises `Stale` otherwise."""
    for name, value in changes.items():
        setattr(user, name, value)
    if user.changes():
        user.save()


@transaction.atomic(savepoint=False)
def add_address(*, user: User, **fields: Any) -> Address:
    """Add an entry to somebody's address book. What is a default from now on takes the place of what was.

    Raises `TooManyAddresses`.
    """
    known = _address_book(user)
    if len(known) >= MOST_ADDRESSES:
        raise TooManyAddresses(TooManyAddresses.__doc__)
    address = Address(user=user, **fields)
    _make_way(address, known)
    address.save()
    return address


@transaction.atomic(savepoint=False)
def change_address(*, address: Address, **changes: Any) -> None:
    """Change an entry that is locked; raises `Stale` otherwise."""
    for name, value in changes.items():
        setattr(address, name, value)
    _make_way(address, _address_book(address.user))
    if address.changes():
        address.save()


def people_locked() -> QuerySet[User]:
    """People, locked as whoever changes an address book locks them: one after the other, and orders may go on."""
    people: QuerySet[User] = User.objects.select_for_update(of=("self",), no_key=True)
    return people


def _address_book(user: User) -> list[Address]:
    """All entries; their person is locked first."""
    people_locked().get(pk=user.pk)
    return list(Address.objects.locked().filter(user=user))


def _make_way(address: Address, known: Iterable[Address]) -> None:
    """There is one default of each kind, or none: the others stop being it."""
    others = [other for other in known if other.pk != address.pk]
    for kind in filter(lambda kind: getattr(address, kind), _DEFAULTS):
        for other in others:
            setattr(other, kind, False)
    bulk_save(others)
