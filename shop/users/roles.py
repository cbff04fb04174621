"""What each role of the staff may do, and who may give which role.

A role is one of Django's groups. This table is the truth: `keep`, after each migrate, makes the groups as it says. The
permissions are Django's own, so `add_shipment` means shipping, `change_order` cancelling, and so on; see docs/roles.md.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from shop import audit
from shop.users.models import User

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Role:
    """A sentence for people, and the names of Django's permissions."""

    sentence: str
    permissions: frozenset[str]


def _role(sentence: str, *names: str) -> Role:
    return Role(sentence, frozenset(" ".join(names).split()))


_GOODS = "catalogue.view_product catalogue.view_variant catalogue.view_category inventory.view_stocklevel"
_ORDERS = "orders.view_order orders.view_shipment orders.view_return inventory.view_reservation"
_PEOPLE = "users.view_user users.view_guest users.view_address notifications.view_message"
_MONEY = "payments.view_payment payments.view_attempt payments.view_refund"

ROLES = {
    "support": _role(
        "Answers customers: sees people, orders, money and mails; cancels orders; sends mails again.",
        *(_GOODS, _ORDERS, _PEOPLE, _MONEY, "bus.view_event"),
        "orders.change_order notifications.change_message",
    ),
    "warehouse": _role(
        "Sends goods and counts them: ships, takes back, corrects stock; sees no people and no money.",
        *(_GOODS, _ORDERS),
        "orders.add_shipment orders.change_shipment orders.add_return",
        "inventory.view_adjustment inventory.add_adjustment notifications.hear_stock_low",
    ),
    "finance": _role(
        "Looks after the money: sees orders and payments, gives money back, and sees what staff did.",
        *(_ORDERS, _MONEY, "payments.add_refund users.view_user users.view_guest audit.view_entry"),
    ),
    "admin": _role("Does everything, and decides who does what.", EVERYTHING),
}


class NotYours(RuntimeError):
    """Roles are given and taken by who may do at least as much, and nobody changes their own."""


@transaction.atomic(savepoint=False)
def change_roles(*, user: User, roles: Collection[str], by: User, reason: str = "") -> None:
    """Give somebody who is locked exactly these roles; staff is who has one. Raises `NotYours`."""
    before = roles_of(user)
    if not may_change(by, user) or not all(may_give(by, role) for role in before ^ set(roles)):
        raise NotYours(NotYours.__doc__)
    if before == set(roles):
        return
    user.groups.remove(*Group.objects.filter(name__in=ROLES))
    user.groups.add(*Group.objects.filter(name__in=roles))
    user.is_staff = bool(roles)
    if user.changes():
        user.save()
    audit.note(
        by=by,
        action="user.roles_changed",
        subject=f"users/{user.pk}",
        before={"roles": sorted(before)},
        after={"roles": sorted(roles)},
        reason=reason,
    )


def roles_of(user: User) -> set[str]:
    """The roles that somebody has."""
    return set(user.groups.filter(name__in=ROLES).values_list("name", flat=True))


def may_change(by: User, user: User) -> bool:
    """Whether somebody's roles are somebody else's business: superusers and those without an account have none."""
    return by.has_perm("users.change_user") and by != user and not user.is_superuser and user.is_active


def may_give(by: User, role: str) -> bool:
    """Whether nobody would get more from `by` than `by` has."""
    return by.is_superuser or permissions_of(role) <= by.get_all_permissions()


def permissions_of(role: str) -> set[str]:
    """All that the group may do, as the database has it."""
    found = Permission.objects.filter(group__name=role).values_list("content_type__app_label", "codename")
    return {f"{label}.{codename}" for label, codename in found}


def keep(*, using: str, **_signal: Any) -> None:
    """Make the groups as the table says.

    Django makes an app's permissions after this signal reached the app, so those of later apps are made here first.
    """
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0, using=using)
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.using(using).select_related("content_type")
    }
    for name, role in ROLES.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        wanted = known if EVERYTHING in role.permissions else role.permissions & known.keys()
        group.permissions.set([known[permission] for permission in wanted])
