from uuid import UUID

import pytest

from notifications import services
from notifications.events import NotificationFailed, NotificationRequested
from notifications.models import Message
from shop.users.models import Guest, User
from tests.conftest import Published
from tests.notifications.conftest import written
from tests.notifications.services.test_writing import draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(ada: User) -> Message:
    """A mail to Ada that has left."""
    services.write_messages(drafts=[draft(ada)])
    services.note_outcomes(refusals={written().pk: ""})
    return written()


def test_a_message_noted_as_sent_twice_keeps_the_first_time(message: Message) -> None:
    services.note_outcomes(refusals={message.pk: ""})
    services.note_outcomes(refusals={message.pk: "no such user"})

    assert (written().sent_at, written().failed_at) == (message.sent_at, None)


def test_a_message_refused_for_good_is_told_once(ada: User, published: Published) -> None:
    services.write_messages(drafts=[draft(ada)])

    services.note_outcomes(refusals={written().pk: "no such user"})
    services.note_outcomes(refusals={written().pk: "no such user"})

    assert (written().error, written().failed_at is None) == ("no such user", False)
    assert published == [
        NotificationFailed(message_id=written().pk, about=written().pk, kind="shipped", channel="email")
    ]


def test_a_message_is_sent_again_to_where_its_person_is_now_under_another_message_id(
    message: Message, ada: User, published: Published
) -> None:
    ada.email = "ada@elsewhere.example"
    ada.save()

    services.send_again(message_id=message.pk)

    (letter,) = services.requested_letters(message_ids=[message.pk])
    assert letter is not None
    assert (letter.address, letter.reference, letter.subject) == (
        "ada@elsewhere.example",
        f"{message.pk}.1",
        message.subject,
    )
    assert published.of(NotificationRequested) == [
        NotificationRequested(message_id=message.pk, about=message.pk, kind="shipped", channel="email")
    ]


def test_a_message_that_failed_is_sent_again_as_if_it_had_not(message: Message) -> None:
    services.send_again(message_id=message.pk)
    services.note_outcomes(refusals={message.pk: "no such user"})

    services.send_again(message_id=message.pk)
    services.note_outcomes(refusals={message.pk: ""})

    assert (written().error, written().failed_at, written().requests) == ("", None, 2)
    assert services.requested_letters(message_ids=[message.pk]) == [None]


def test_a_guest_is_sent_a_message_again(db: None) -> None:
    guest = Guest.objects.create(email="gus@example.com")
    services.write_messages(drafts=[draft(guest)])

    services.send_again(message_id=written().pk)

    (letter,) = services.requested_letters(message_ids=[written().pk])
    assert letter is not None
    assert letter.address == "gus@example.com"


def test_what_was_forgotten_is_not_sent_again(message: Message, ada: User) -> None:
    services.forget(user_ids=[ada.pk])

    assert services.send_again(message_id=message.pk) is None


def test_what_stands_in_the_app_is_not_mailed(message: Message) -> None:
    in_the_app = Message.objects.get(channel="app")

    assert services.send_again(message_id=in_the_app.pk) is None


def test_there_is_no_letter_for_a_message_that_is_not_there(db: None) -> None:
    assert services.requested_letters(message_ids=[UUID(int=7)]) == [None]
