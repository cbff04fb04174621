import runpy
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from notifications.models import ReceivedMail
from shop import urls

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.notifications.api.urls")]

MAILBOX = "/dev/mailbox"


def _received(**fields: str) -> ReceivedMail:
    mail = {"sender": "shop@example.com", "recipients": "ada@example.com", "subject": "Hello", "body": "Dear Ada"}
    return ReceivedMail.objects.create(message_id="<1@example.com>", **mail | fields)


def _found(client: Client, **query: str) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = client.get(MAILBOX, {"format": "json"} | query).json()["results"]
    return results


def test_the_mailbox_shows_each_mail_newest_first(client: Client) -> None:
    _received(subject="The older one")
    _received(subject="The newer one")

    page = client.get(MAILBOX)

    text = page.content.decode()
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert text.index("The newer one") < text.index("The older one")
    assert "to ada@example.com" in text
    assert "Dear Ada" in text


def test_an_empty_mailbox_says_so(client: Client) -> None:
    assert "No mail yet" in client.get(MAILBOX).content.decode()


def test_the_mailbox_can_be_had_as_json_with_every_field(client: Client) -> None:
    _received()

    (mail,) = _found(client)

    assert mail.pop("received_at")
    assert mail == {
        "message_id": "<1@example.com>",
        "sender": "shop@example.com",
        "recipients": "ada@example.com",
        "subject": "Hello",
        "body": "Dear Ada",
    }


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ({}, ["to Bob", "to Ada"]),
        ({"to": "ada@example.com"}, ["to Ada"]),
        ({"to": "ADA"}, ["to Ada"]),
        ({"about": "10042"}, ["to Bob"]),
        ({"about": "to ada"}, ["to Ada"]),
        ({"to": "ada", "about": "10042"}, []),
        ({"to": "nobody"}, []),
        ({"to": "%"}, []),
        ({"about": "'; DROP TABLE x; --"}, []),
    ],
)
def test_mails_are_found_by_recipient_and_by_what_they_are_about(
    query: dict[str, str], subjects: list[str], client: Client
) -> None:
    _received(recipients="ada@example.com", subject="to Ada")
    _received(recipients="bob@example.com", subject="to Bob", body="your order 10042")

    assert [mail["subject"] for mail in _found(client, **query)] == subjects


@pytest.mark.parametrize("format_", ["html", "json"])
def test_the_mailbox_shows_two_hundred_mails_at_most(format_: str, client: Client) -> None:
    ReceivedMail.objects.bulk_create(
        ReceivedMail(message_id="<1>", sender="s", recipients="r", subject=f"mail-{number}-", body="b")
        for number in range(250)
    )

    text = client.get(MAILBOX, {"format": format_}).content.decode()

    assert "mail-249-" in text
    assert "mail-50-" in text
    assert "mail-49-" not in text


@pytest.mark.parametrize("field", ["recipients", "subject", "body"])
def test_what_stands_in_a_mail_is_text_and_never_markup(field: str, client: Client) -> None:
    evil = "<script>alert(1)</script>\"><img src=x onerror=alert(2)> {{ 7*7 }} {% now 'Y' %}"
    _received(**{field: evil})

    text = client.get(MAILBOX).content.decode()

    assert evil not in text
    assert "<script" not in text
    assert "<img" not in text
    assert evil in unescape(text)


def test_a_mail_is_shown_as_html_in_a_frame_where_nothing_runs(client: Client) -> None:
    _received(html="<p>Dear Ada</p><script>alert('1')</script>\"></iframe><script>")

    text = client.get(MAILBOX).content.decode()

    assert "<script" not in text
    assert text.count("</iframe>") == 1
    frame = text.partition("<iframe sandbox ")[2].partition("></iframe>")[0]
    assert "<p>Dear Ada</p><script>alert('1')</script>" in unescape(frame)


def test_what_was_looked_for_does_not_come_back_as_markup(client: Client) -> None:
    text = client.get(MAILBOX, {"to": "<script>alert(1)</script>"}).content.decode()

    assert "<script" not in text


@pytest.mark.parametrize("name", ["to", "about"])
def test_a_nul_in_what_is_looked_for_is_left_out(name: str, client: Client) -> None:
    _received(subject="ada")

    assert len(_found(client, **{name: "a\0da"})) == 1


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_mailbox_can_only_be_looked_at(method: str, client: Client) -> None:
    assert getattr(client, method)(MAILBOX).status_code == 405


@pytest.mark.parametrize("development", [True, False])
def test_the_mailbox_is_there_in_development_only(development: bool, settings: Settings) -> None:  # noqa: FBT001
    settings.DEVELOPMENT = development

    addresses = runpy.run_path(urls.__file__)["urlpatterns"]

    assert any(str(address.pattern) == "dev/mailbox" for address in addresses) is development
