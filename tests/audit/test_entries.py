from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from shop import audit
from shop.audit.exports import held_about
from shop.audit.models import Entry
from shop.bus import Context, within
from shop.users import erasing
from shop.users.models import Guest, User
from tests.conftest import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss@example.com", "a long password")


def _note(by: User, subject: str = "orders/1", **told: Any) -> Entry:
    values: dict[str, Any] = {"before": {"status": "placed"}, "after": {"status": "cancelled"}}
    audit.note(by=by, action="order.cancelled", subject=subject, **values | told)
    return Entry.objects.latest("id")


def test_a_note_tells_who_did_what_when_and_in_which_request(boss: User, clock: Clock) -> None:
    with within(Context(correlation="request-7", causation="request-7")):
        entry = _note(boss, reason="asked for by phone")

    assert (entry.by, entry.action, entry.subject) == (boss, "order.cancelled", "orders/1")
    assert (entry.before, entry.after) == ({"status": "placed"}, {"status": "cancelled"})
    assert (entry.reason, entry.request) == ("asked for by phone", "request-7")
    assert entry.at is not None


def test_what_a_command_did_says_which_command() -> None:
    audit.note(by="doctor --repair", action="queue.rung", subject="queues/orders", before={}, after={"rung": True})

    entry = Entry.objects.get()
    assert (entry.by, entry.command) == (None, "doctor --repair")


@pytest.mark.parametrize("command", ["doctor", ""], ids=["two of them", "nobody"])
def test_the_database_wants_to_know_of_one_who_did_it(command: str, boss: User) -> None:
    told: dict[str, Any] = {"by": boss, "command": command} if command else {}

    with pytest.raises(IntegrityError, match="audit_says_who"), transaction.atomic():
        Entry.objects.create(action="order.cancelled", subject="orders/1", before={}, after={}, **told)


@pytest.mark.django_db(transaction=True)
def test_a_note_outside_the_transaction_of_its_change_is_refused(boss: User) -> None:
    with pytest.raises(audit.NotInTransaction):
        _note(boss)

    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_takes_its_note_along(boss: User) -> None:
    with transaction.atomic():
        _note(boss)
        transaction.set_rollback(True)

    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_entry",
        "UPDATE audit_entry SET action = 'nothing'",
        "UPDATE audit_entry SET after = before",
        "UPDATE audit_entry SET reason = ''",
        "UPDATE audit_entry SET before = NULL, after = NULL, reason = '', subject = 'orders/2'",
        "UPDATE audit_entry SET before = NULL, after = NULL, reason = '', at = now() - interval '1 year'",
    ],
)
def test_the_database_changes_and_deletes_no_entry(statement: str, boss: User) -> None:
    _note(boss, person=boss.pk, reason="by phone")

    with pytest.raises(IntegrityError, match="neither changed nor deleted"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.django_db(transaction=True)
def test_the_database_does_not_empty_the_book_either(boss: User) -> None:
    with transaction.atomic():
        _note(boss)

    with pytest.raises(IntegrityError, match="neither changed nor deleted"):
        connection.cursor().execute("TRUNCATE audit_entry")


def test_what_belongs_to_nobody_cannot_be_forgotten(boss: User) -> None:
    _note(boss)

    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.update(before=None, after=None, reason="")


def test_erasing_a_person_leaves_that_something_was_done_but_not_what(boss: User, ada: User) -> None:
    hers = _note(boss, f"users/{ada.pk}", before={"name": "Ada"}, after={"name": "Eve"}, reason="Ada has married")
    order = _note(boss, person=ada.pk, reason="Ada asked for it")
    other = _note(boss)

    erasing.erase(user=User.objects.locked().get(pk=ada.pk))

    for entry in (hers, order, other):
        entry.refresh_from_db()
    assert [(entry.before, entry.after, entry.reason) for entry in (hers, order)] == [(None, None, "")] * 2
    assert (hers.by, hers.subject) == (boss, f"users/{ada.pk}")
    assert other.after == {"status": "cancelled"}


def test_erasing_a_guest_leaves_that_something_was_done_but_not_what(boss: User) -> None:
    guest = Guest.objects.create(email="grace@example.com", name="Grace")
    entry = _note(boss, person=guest.pk, reason="Grace asked for it")

    erasing.erase_guests(who=Q(pk=guest.pk))

    entry.refresh_from_db()
    assert (entry.before, entry.after, entry.reason) == (None, None, "")


def test_staff_who_are_erased_stay_the_nameless_authors_of_what_they_did(boss: User) -> None:
    entry = _note(boss)

    erasing.erase(user=User.objects.locked().get(pk=boss.pk))

    entry.refresh_from_db()
    assert str(entry.by) == f"erased-{boss.pk}@erased.invalid"


def test_a_person_is_told_what_the_audit_holds_of_them(boss: User, ada: User) -> None:
    _note(boss, person=ada.pk, reason="Ada asked for it")

    told = held_about(UUID(str(ada.pk)))

    assert [entry["reason"] for entry in told["done_about_them"]] == ["Ada asked for it"]
    assert told["done_by_them"] == []
    assert [entry["action"] for entry in held_about(boss.pk)["done_by_them"]] == ["order.cancelled"]
