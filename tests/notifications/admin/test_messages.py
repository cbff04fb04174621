"""Messages as staff see them: found, read, and sent again."""

import html
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import Permission
from django.test import Client

from notifications import services
from notifications.models import Message, ReceivedMail
from shop.audit.models import Entry
from shop.users.models import Guest, User
from tests.notifications.conftest import written
from tests.notifications.services.test_writing import draft
from tests.staff import browser_of, staff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]

MESSAGES = "/admin/notifications/message/"


@pytest.fixture
def support(db: None) -> Client:
    """The browser of somebody who answers customers."""
    return browser_of(staff("support", "support"))


@pytest.fixture
def message(ada: User) -> Message:
    """A mail to Ada that has left."""
    services.write_messages(drafts=[draft(ada)])
    services.note_outcomes(refusals={written().pk: ""})
    return written()


def _page(message: Message, what: str = "change") -> str:
    return f"{MESSAGES}{message.pk}/{what}/"


def _found(browser: Client, **query: str) -> set[Any]:
    return {row.pk for row in browser.get(MESSAGES, query).context["cl"].result_list}


# --- Finding and reading ------------------------------------------------------------------------------------


def test_messages_are_found_by_their_recipients_address_old_ones_included(
    message: Message, ada: User, support: Client
) -> None:
    guest = Guest.objects.create(email="gus@example.com")
    services.write_messages(drafts=[draft(guest)])
    ada.email = "ada@elsewhere.example"
    ada.save()

    in_the_app = Message.objects.get(channel="app").pk
    assert _found(support, q=" Ada@Elsewhere.example ") == {message.pk, in_the_app}
    assert _found(support, q="gus@example.com") == {Message.objects.get(recipient_id=guest.pk).pk}
    assert _found(support, q="nobody@example.com") == set()
    assert len(_found(support, q="")) == 3


def test_messages_are_found_by_ids(message: Message, support: Client) -> None:
    assert _found(support, q=str(message.pk)) == {message.pk}
    assert message.pk in _found(support, q=str(message.event_id))
    assert message.pk in _found(support, q=str(message.recipient_id))
    assert _found(support, q=str(uuid4())) == set()


@pytest.mark.parametrize("word", ["\0", "'; --", "x" * 10_000, "00000000"])
def test_whatever_is_looked_for_is_answered(word: str, message: Message, support: Client) -> None:
    assert support.get(MESSAGES, {"q": word}).status_code == 200


def test_messages_are_found_by_what_became_of_them(message: Message, ada: User, support: Client) -> None:
    services.write_messages(drafts=[draft(ada)])
    failed = Message.objects.get(channel="email", sent_at=None)
    services.note_outcomes(refusals={failed.pk: "no such user"})

    assert _found(support, state="failed") == {failed.pk}
    assert failed.pk not in _found(support, state="sent")
    assert "no such user" in support.get(_page(failed)).content.decode()


def test_a_message_is_shown_as_it_was_sent_in_a_frame_where_nothing_runs(ada: User, support: Client) -> None:
    services.write_messages(drafts=[draft(ada, carrier="<script>alert(1)</script>")])

    page = support.get(_page(written())).content.decode()

    assert "<script>alert" not in page
    frame = page.partition("<iframe sandbox ")[2].partition("></iframe>")[0]
    inside = html.unescape(frame.partition('srcdoc="')[2].partition('"')[0])
    assert "Your order 10001 is on its way" in inside
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in inside


def test_a_forgotten_message_is_still_a_row(message: Message, ada: User, support: Client) -> None:
    services.forget(user_ids=[ada.pk])

    assert "(forgotten)" in support.get(MESSAGES).content.decode()
    assert support.get(_page(message)).status_code == 200


def test_a_list_asks_as_little_for_fifty_messages_as_for_two(
    message: Message, ada: User, support: Client, django_assert_max_num_queries: Any
) -> None:
    services.write_messages(drafts=[draft(ada) for _ in range(30)])

    with django_assert_max_num_queries(8):
        support.get(MESSAGES)


# --- Sending again ------------------------------------------------------------------------------------------


def test_a_mail_is_sent_again_after_a_question_and_the_audit_knows(
    message: Message, ada: User, support: Client, drain_all: Callable[[], None]
) -> None:
    ada.email = "ada@elsewhere.example"
    ada.save()
    ask = _page(message, "send-again")

    asked = support.get(ask).content.decode()
    assert "Your order 10001 is on its way" in asked
    assert not Entry.objects.exists()
    assert support.post(ask)["Location"] == _page(message)
    drain_all()

    assert ReceivedMail.objects.get().recipients == "ada@elsewhere.example"
    entry = Entry.objects.get()
    assert (entry.action, entry.subject) == ("notification.sent_again", f"notifications/{message.pk}")
    assert (entry.before or {})["address"] == "ada@example.com"
    assert (entry.after or {})["address"] == "ada@elsewhere.example"
    assert entry.person == ada.pk


def test_several_mails_are_sent_again_after_one_question(
    message: Message, ada: User, support: Client, drain_all: Callable[[], None]
) -> None:
    services.write_messages(drafts=[draft(ada)])
    chosen = {"action": "send_again", ACTION_CHECKBOX_NAME: [str(each.pk) for each in Message.objects.all()]}

    assert "Send 4 messages again" in support.post(MESSAGES, chosen).content.decode()
    assert not Entry.objects.exists()
    page = support.post(MESSAGES, chosen | {"sure": "yes"}, follow=True).content.decode()
    drain_all()

    assert "On their way again: 2." in page
    assert "Not sent: 2." in page
    assert (ReceivedMail.objects.count(), Entry.objects.count()) == (2, 2)


def test_what_was_forgotten_meanwhile_is_said_and_nothing_is_sent(message: Message, ada: User, support: Client) -> None:
    services.forget(user_ids=[ada.pk])

    page = support.post(_page(message, "send-again"), follow=True).content.decode()

    assert "Not sent: 1." in page
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("role", "sees"), [("support", True), ("admin", True), ("warehouse", False), ("finance", False)]
)
def test_roles_see_and_send_messages_as_far_as_they_may(role: str, sees: bool, message: Message) -> None:
    browser = browser_of(staff(role, role))

    assert (browser.get(MESSAGES).status_code == 200) is sees
    assert (browser.get(_page(message, "send-again")).status_code == 200) is sees
    assert (browser.get(f"{MESSAGES}previews/").status_code == 200) is sees


def test_who_may_only_look_sends_nothing(message: Message, ada: User) -> None:
    clerk = User.objects.create_user("clerk@example.com", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_message"))
    browser = browser_of(clerk)

    assert browser.get(_page(message)).status_code == 200
    assert browser.post(_page(message, "send-again")).status_code == 403
    browser.post(MESSAGES, {"action": "send_again", ACTION_CHECKBOX_NAME: str(message.pk), "sure": "yes"})
    assert Message.objects.get(pk=message.pk).requests == 0


def test_history_is_read_only(message: Message, support: Client) -> None:
    support.post(_page(message), {"subject": "Something else"})

    assert written().subject == message.subject
    assert support.get(f"{MESSAGES}add/").status_code == 403
    assert support.post(f"{MESSAGES}{message.pk}/delete/").status_code == 403
