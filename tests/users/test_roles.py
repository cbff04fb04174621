from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client

from shop.audit.models import Entry
from shop.users import roles
from shop.users.models import User
from shop.users.roles import ROLES
from tests.staff import browser_of, staff

pytestmark = pytest.mark.django_db

USERS = "/admin/users/user/"


@pytest.fixture
def boss(db: None) -> User:
    """Staff with the role admin, and no superuser."""
    return staff("boss", "admin")


# --- The table ----------------------------------------------------------------------------------------------


def test_an_empty_database_has_every_role_with_all_its_permissions_after_the_first_migrate() -> None:
    assert {name: roles.permissions_of(name) for name in ROLES if name != "admin"} == {
        name: set(role.permissions) for name, role in ROLES.items() if name != "admin"
    }
    assert len(roles.permissions_of("admin")) == Permission.objects.count() > 100


def test_the_next_migrate_mends_what_was_changed_by_hand_and_touches_no_other_group() -> None:
    Group.objects.get(name="support").permissions.clear()
    Group.objects.get(name="finance").delete()
    own = Group.objects.create(name="of our own")
    own.permissions.add(Permission.objects.all()[0])

    call_command("migrate", verbosity=0)

    assert roles.permissions_of("support") == ROLES["support"].permissions
    assert roles.permissions_of("finance") == ROLES["finance"].permissions
    assert own.permissions.count() == 1


def test_the_document_names_every_permission_of_every_role() -> None:
    page = Path(settings.BASE_DIR, "docs", "roles.md").read_text()

    for name, role in ROLES.items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| **{name}**")]
        assert role.sentence in row
        assert {word.strip("`") for word in row.split("|")[3].split()} == role.permissions


# --- Giving and taking --------------------------------------------------------------------------------------


def test_a_role_makes_staff_of_somebody_and_its_end_makes_a_customer_again(boss: User, ada: User) -> None:
    page = f"{USERS}{ada.pk}/roles/"

    browser_of(boss).post(page, {"roles": ["support", "finance"], "reason": "hired"})
    ada = User.objects.get(pk=ada.pk)
    assert (ada.is_staff, roles.roles_of(ada)) == (True, {"support", "finance"})
    assert ada.has_perm("orders.change_order")
    browser_of(boss).post(page, {"reason": "left"})

    ada = User.objects.get(pk=ada.pk)
    assert (ada.is_staff, roles.roles_of(ada)) == (False, set())
    assert not ada.has_perm("orders.change_order")


def test_the_audit_tells_who_gave_which_role_and_why(boss: User, ada: User) -> None:
    browser_of(boss).post(f"{USERS}{ada.pk}/roles/", {"roles": ["support"], "reason": "hired"})

    entry = Entry.objects.get()
    assert (entry.by, entry.action, entry.subject) == (boss, "user.roles_changed", f"users/{ada.pk}")
    assert (entry.before, entry.after, entry.reason) == ({"roles": []}, {"roles": ["support"]}, "hired")


def test_saving_what_is_so_already_changes_and_notes_nothing(boss: User) -> None:
    clerk = staff("clerk", "support")

    browser_of(boss).post(f"{USERS}{clerk.pk}/roles/", {"roles": ["support"], "reason": "none"})

    assert not Entry.objects.exists()
    assert User.objects.get(pk=clerk.pk).version == clerk.version


def test_nobody_changes_their_own_roles(boss: User) -> None:
    answer = browser_of(boss).post(f"{USERS}{boss.pk}/roles/", {"roles": ["support"], "reason": "enough"})

    assert answer.status_code == 403
    assert roles.roles_of(boss) == {"admin"}


def test_nobody_gives_or_takes_more_than_they_have(ada: User) -> None:
    manager = staff("manager", "support")
    manager.user_permissions.add(Permission.objects.get(codename="change_user"))
    root = staff("root", "admin")

    given = browser_of(manager).post(f"{USERS}{ada.pk}/roles/", {"roles": ["admin"], "reason": "why not"})
    taken = browser_of(manager).post(f"{USERS}{root.pk}/roles/", {"reason": "why not"})
    own = browser_of(manager).post(f"{USERS}{ada.pk}/roles/", {"roles": ["support"], "reason": "hired"})

    assert "gives or takes that role" in given.content.decode()
    assert "gives or takes that role" in taken.content.decode()
    assert roles.roles_of(root) == {"admin"}
    assert own.status_code == 302
    assert roles.roles_of(ada) == {"support"}


def test_the_service_refuses_what_the_page_would_not_ask(ada: User) -> None:
    manager = staff("manager", "support")

    with pytest.raises(roles.NotYours):
        roles.change_roles(user=ada, roles=["support"], by=manager)


@pytest.mark.parametrize("target", ["a superuser", "somebody whose account is closed"])
def test_some_have_no_roles_to_change(target: str, boss: User, ada: User) -> None:
    ada.is_superuser, ada.is_active = target == "a superuser", target != "somebody whose account is closed"
    ada.save()

    answer = browser_of(boss).post(f"{USERS}{ada.pk}/roles/", {"roles": ["support"], "reason": "hired"})

    assert answer.status_code == 403
    assert roles.roles_of(ada) == set()


@pytest.mark.parametrize(
    "form",
    [
        {"roles": ["emperor"], "reason": "x"},
        {"roles": ["support"]},
        {"roles": ["support"], "reason": "x" * 501},
        {"roles": ["support"], "reason": "\0"},
    ],
)
def test_what_is_no_answer_is_said_in_the_form(form: dict[str, object], boss: User, ada: User) -> None:
    answer = browser_of(boss).post(f"{USERS}{ada.pk}/roles/", form)

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert roles.roles_of(ada) == set()


@pytest.mark.parametrize("role", ["support", "warehouse", "finance"])
def test_who_may_not_change_people_gets_403_and_sees_no_button(role: str, ada: User) -> None:
    clerk = browser_of(staff("clerk", role))

    assert clerk.get(f"{USERS}{ada.pk}/roles/").status_code == 403
    assert clerk.post(f"{USERS}{ada.pk}/roles/", {"roles": [role], "reason": "x"}).status_code == 403
    assert f"{USERS}{ada.pk}/roles/" not in clerk.get(f"{USERS}{ada.pk}/change/").content.decode()
    assert roles.roles_of(ada) == set()


def test_a_post_without_the_csrf_token_gives_no_role(boss: User, ada: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(boss)

    assert browser.post(f"{USERS}{ada.pk}/roles/", {"roles": ["support"], "reason": "x"}).status_code == 403
    assert roles.roles_of(ada) == set()


def test_whoever_is_not_there_is_404(boss: User) -> None:
    browser = browser_of(boss)

    for nobody in ("nobody", "01890000-0000-7000-8000-000000000000", "%00"):
        assert browser.get(f"{USERS}{nobody}/roles/").status_code == 404
