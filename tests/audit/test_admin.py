import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shop import audit
from shop.audit.models import Entry
from shop.users import erasing
from shop.users.models import User

pytestmark = pytest.mark.django_db

AUDIT = "/admin/audit/entry/"


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss@example.com", "a long password")


@pytest.fixture
def browser(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def _note(by: User, action: str = "order.cancelled", subject: str = "orders/1") -> Entry:
    audit.note(
        by=by, action=action, subject=subject, before={"status": "placed", "a": 1}, after={"status": "<b>", "a": 1}
    )
    return Entry.objects.latest("id")


def test_the_list_shows_what_differs_and_nothing_else(browser: Client, boss: User) -> None:
    _note(boss)

    page = browser.get(AUDIT).content.decode()

    assert "<b>status</b>: placed → &lt;b&gt;" in page
    assert "<b>a</b>" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("by=Boss@example.com", {"order.cancelled", "order.shipped"}),
        ("action=order.c", {"order.cancelled"}),
        ("subject=orders/2", {"order.shipped"}),
        ("at_from=2020-01-01", {"order.cancelled", "order.shipped"}),
        ("at_from=2999-01-01", set()),
        ("at_from=2020-01-01&at_to=2020-01-02", set()),
        ("by=nobody@example.com", set()),
        ("by=%00", set()),
        ("at_from=yesterday&at_to=9999-99-99", {"order.cancelled", "order.shipped"}),
        ("at_to=9999-12-31", {"order.cancelled", "order.shipped"}),
        ("p=x", {"order.cancelled", "order.shipped"}),
    ],
)
def test_entries_are_found_by_who_what_and_when(query: str, found: set[str], browser: Client, boss: User) -> None:
    _note(boss)
    _note(boss, "order.shipped", "orders/2")

    page = browser.get(f"{AUDIT}?{query}", follow=True).content.decode()

    assert {action for action in ("order.cancelled", "order.shipped") if f">{action}<" in page} == found


def test_what_a_command_did_is_shown_as_such(browser: Client) -> None:
    audit.note(by="doctor --repair", action="queue.rung", subject="queues/orders", before={}, after={"rung": True})

    assert "doctor --repair" in browser.get(AUDIT).content.decode()


def test_an_entry_of_an_erased_person_says_so(browser: Client, boss: User, ada: User) -> None:
    entry = _note(boss, subject=f"users/{ada.pk}")
    erasing.erase(user=User.objects.locked().get(pk=ada.pk))

    assert "erased" in browser.get(f"{AUDIT}{entry.pk}/change/").content.decode()


@pytest.mark.parametrize("what", ["add/", "{}/change/", "{}/delete/"])
def test_nobody_writes_an_entry_by_hand(what: str, browser: Client, boss: User) -> None:
    entry = _note(boss)

    assert browser.post(AUDIT + what.format(entry.pk), {"action": "nothing", "post": "yes"}).status_code == 403
    assert Entry.objects.get().action == "order.cancelled"


def test_a_longer_list_takes_no_more_queries(browser: Client, boss: User) -> None:
    _note(boss)
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get(AUDIT)
    for _ in range(20):
        _note(boss)

    with CaptureQueriesContext(connection) as many:
        browser.get(AUDIT)

    assert len(many) == len(few)
    assert not [query for query in many if "COUNT(*)" in query["sql"] and "LIMIT" not in query["sql"]]
