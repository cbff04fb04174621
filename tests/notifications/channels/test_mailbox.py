from uuid import uuid4

import pytest
from django.db import transaction

from notifications.channels import email
from notifications.models import ReceivedMail

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]


def _send(subject: str = "Hello") -> None:
    email.send(
        reference=str(uuid4()), address="ada@example.com", subject=subject, body="Dear Ada", html="<p>Dear Ada</p>"
    )


def test_a_mail_that_was_delivered_outlives_the_rollback_of_its_sender() -> None:
    with transaction.atomic():
        _send()
        transaction.set_rollback(True)

    assert ReceivedMail.objects.count() == 1


def test_a_mail_sent_twice_arrives_twice_as_it_would_anywhere() -> None:
    _send()
    _send()

    assert ReceivedMail.objects.count() == 2


def test_the_newest_mail_lies_on_top() -> None:
    _send("The older one")
    _send("The newer one")

    assert [mail.subject for mail in ReceivedMail.objects.all()] == ["The newer one", "The older one"]


def test_a_mail_arrives_as_text_and_as_html() -> None:
    _send()

    mail = ReceivedMail.objects.get()
    assert mail.body.startswith("Dear Ada")
    assert mail.html == "<p>Dear Ada</p>"
