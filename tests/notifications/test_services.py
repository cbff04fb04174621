from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from notifications import services
from notifications.models import Message
from notifications.services import Draft
from shop.users.models import Guest, User

pytestmark = pytest.mark.django_db


def draft(recipient: User, event_id: UUID | None = None) -> Draft:
    return Draft(event_id=event_id or uuid4(), recipient_id=recipient.pk, subject="Hello", body="How are you?")


def test_a_message_is_written_to_the_address_of_its_recipient(ada: User) -> None:
    (letter,) = services.write_messages(drafts=[draft(ada)])

    message = Message.objects.get()
    assert letter is not None
    assert (letter.message_id, letter.address) == (message.pk, "ada@example.com")
    assert (message.subject, message.body, message.sent_at) == ("Hello", "How are you?", None)


def test_a_message_to_a_guest_is_written_to_the_address_of_their_order(ada: User) -> None:
    guest = Guest.objects.create(email="gus@example.com")
    to_guest = Draft(event_id=uuid4(), recipient_id=guest.pk, subject="Hello", body="How are you?")

    letters = services.write_messages(drafts=[to_guest, draft(ada)])

    assert [letter and letter.address for letter in letters] == ["gus@example.com", "ada@example.com"]


def test_a_message_written_twice_for_one_event_is_the_same_message(ada: User) -> None:
    wanted = draft(ada)

    (first,) = services.write_messages(drafts=[wanted])
    (second,) = services.write_messages(drafts=[wanted])

    assert first == second
    assert Message.objects.count() == 1


def test_a_message_that_was_sent_is_not_sent_again(ada: User) -> None:
    wanted = draft(ada)
    services.write_messages(drafts=[wanted])

    services.note_sent(message_ids=[Message.objects.get().pk])

    assert services.write_messages(drafts=[wanted]) == [None]


def test_a_message_noted_as_sent_twice_keeps_the_first_time(ada: User) -> None:
    services.write_messages(drafts=[draft(ada)])
    message = Message.objects.get()

    services.note_sent(message_ids=[message.pk])
    first = Message.objects.get().sent_at
    services.note_sent(message_ids=[message.pk])

    assert Message.objects.get().sent_at == first is not None


def test_nobody_writes_to_somebody_who_is_gone(ada: User) -> None:
    bob = User.objects.create_user("bob@example.com")
    to_bob, to_ada = draft(bob), draft(ada)
    bob.delete()

    letters = services.write_messages(drafts=[to_bob, to_ada])

    assert [letter.address if letter else None for letter in letters] == [None, "ada@example.com"]
    assert Message.objects.count() == 1


def test_the_database_knows_one_message_per_event_recipient_and_channel(ada: User) -> None:
    wanted = draft(ada)
    services.write_messages(drafts=[wanted])

    with pytest.raises(IntegrityError, match="message_once_per_event"), transaction.atomic():
        Message(event_id=wanted.event_id, recipient_id=ada.pk, address="x@example.com", subject="", body="").save()
