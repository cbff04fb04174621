from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from notifications import services
from notifications.models import Channel, Kind, Message, Preference
from notifications.services import Draft
from shop.users.models import Guest, User
from tests.notifications.conftest import written

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def draft(recipient: User | Guest, event_id: UUID | None = None, kind: Kind = Kind.SHIPPED, **facts: Any) -> Draft:
    said = {"number": "10001", "complete": True, "carrier": "Pigeons", "lines": [], **facts}
    return Draft(event_id=event_id or uuid4(), recipient_id=recipient.pk, kind=kind, facts=said)


def _sent() -> None:
    services.note_outcomes(refusals={written().pk: ""})


def test_a_message_is_written_to_the_address_of_its_recipient_by_mail_and_in_the_app(ada: User) -> None:
    (letter,) = services.write_messages(drafts=[draft(ada)])

    by_mail, in_the_app = Message.objects.order_by("-channel")
    assert letter is not None
    assert (letter.message_id, letter.address, letter.reference) == (by_mail.pk, "ada@example.com", str(by_mail.pk))
    assert (by_mail.subject, by_mail.channel, by_mail.sent_at) == ("Your order 10001 is on its way", "email", None)
    assert (by_mail.subject, by_mail.body) == (in_the_app.subject, in_the_app.body) == (letter.subject, letter.body)
    assert (in_the_app.address, in_the_app.facts, in_the_app.sent_at is None) == ("", {}, False)


def test_a_message_is_in_the_language_of_its_recipient(ada: User) -> None:
    ada.language = "de"
    ada.save()

    (letter,) = services.write_messages(drafts=[draft(ada)])

    assert letter is not None
    assert (letter.language, letter.subject) == ("de", "Ihre Bestellung 10001 ist unterwegs")


def test_a_message_to_a_guest_is_a_mail_to_the_address_of_their_order_and_nothing_else(ada: User) -> None:
    guest = Guest.objects.create(email="gus@example.com", language="de")

    letters = services.write_messages(drafts=[draft(guest), draft(ada)])

    assert [letter and (letter.address, letter.language) for letter in letters] == [
        ("gus@example.com", "de"),
        ("ada@example.com", "en"),
    ]
    assert Message.objects.filter(recipient_id=guest.pk).values_list("channel").get() == ("email",)


def test_a_message_written_twice_for_one_event_is_the_same_message(ada: User) -> None:
    wanted = draft(ada)

    (first,) = services.write_messages(drafts=[wanted])
    (second,) = services.write_messages(drafts=[wanted])

    assert first == second
    assert Message.objects.count() == 2


def test_a_message_that_was_sent_is_not_sent_again(ada: User) -> None:
    wanted = draft(ada)
    services.write_messages(drafts=[wanted])

    _sent()

    assert services.write_messages(drafts=[wanted]) == [None]


def test_a_message_that_was_refused_for_good_is_not_sent_again(ada: User) -> None:
    wanted = draft(ada)
    services.write_messages(drafts=[wanted])

    services.note_outcomes(refusals={written().pk: "no such user"})

    assert services.write_messages(drafts=[wanted]) == [None]


def test_who_wants_no_mail_of_a_kind_reads_of_it_in_the_app_only(ada: User) -> None:
    Preference(user=ada, muted=["shipped.email"]).save()

    assert services.write_messages(drafts=[draft(ada)]) == [None]

    assert Message.objects.get().channel == Channel.APP


def test_who_wants_to_hear_nothing_of_a_kind_hears_nothing(ada: User) -> None:
    Preference(user=ada, muted=["shipped.app", "shipped.email"]).save()

    assert services.write_messages(drafts=[draft(ada)]) == [None]

    assert not Message.objects.exists()


def test_what_must_be_said_is_said_whatever_somebody_wants(ada: User) -> None:
    Preference(user=ada, muted=["cancelled.app", "cancelled.email"]).save()

    (letter,) = services.write_messages(drafts=[draft(ada, kind=Kind.CANCELLED)])

    assert letter is not None
    assert Message.objects.get().channel == Channel.EMAIL


def test_nobody_writes_to_somebody_who_is_gone(ada: User) -> None:
    bob = User.objects.create_user("bob@example.com")
    to_bob, to_ada = draft(bob), draft(ada)
    bob.delete()

    letters = services.write_messages(drafts=[to_bob, to_ada])

    assert [letter.address if letter else None for letter in letters] == [None, "ada@example.com"]
    assert set(Message.objects.values_list("recipient_id", flat=True)) == {ada.pk}


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "message_once_per_event"),
        (
            {"channel": "app", "sent_at": "2026-01-01T00:00Z", "failed_at": "2026-01-01T00:00Z"},
            "message_sent_or_failed",
        ),
        ({"channel": "sms", "read_at": "2026-01-01T00:00Z"}, "message_read_in_the_app"),
    ],
)
def test_the_database_knows_what_a_message_can_be(changes: dict[str, Any], constraint: str, ada: User) -> None:
    wanted = draft(ada)
    Preference(user=ada, muted=["shipped.app"]).save()
    services.write_messages(drafts=[wanted])

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Message(event_id=wanted.event_id, recipient_id=ada.pk, kind="shipped", subject="s", body="b", **changes).save()
