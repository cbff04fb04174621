"""Dead letters as an operator sees them: found, read without secrets, retried, put right and let go."""

import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from shop.audit.models import Entry
from shop.bus import Event, publish, subscribe
from shop.bus.models import DeadLetter, Delivery, Receipt
from shop.bus.models import Event as Logged
from shop.bus.tasks import drain
from tests.bus.stage import notes
from tests.staff import browser_of, staff

pytestmark = pytest.mark.django_db(transaction=True)

LETTERS = "/admin/bus/deadletter/"
QUEUE = "test_dead_letters"


class Storm(Exception):
    """Something that goes wrong in a test."""


def _die(number: int = 1) -> DeadLetter:
    """A letter about a parcel, whose handler dies of odd numbers."""

    class ParcelLost(Event, name="parcel.lost", version=1, subject="parcels/{parcel}", key="parcel"):
        parcel: str
        number: int
        payment_method: str

    @subscribe(ParcelLost, attempts=1)
    def search(event: ParcelLost) -> None:
        if event.number % 2:
            raise Storm("ada@example.com does not answer")
        notes.make(event.payment_method, event.number)

    with transaction.atomic():
        publish(ParcelLost(parcel="p1", number=number, payment_method="pm_card_visa"))
    drain.run(QUEUE)
    return DeadLetter.objects.get()


def _page(letter: DeadLetter, what: str = "change") -> str:
    return f"{LETTERS}{letter.pk}/{what}/"


def _edited(number: Any = 2, **changes: Any) -> dict[str, str]:
    payload = {"parcel": "p1", "number": number, "payment_method": "(hidden)"} | changes
    return {"payload": json.dumps(payload), "reason": "the number was odd"}


# --- Reading ------------------------------------------------------------------------------------------------


def test_a_letter_is_shown_without_what_is_personal_or_speaks_for_money(operator: Client) -> None:
    letter = _die()

    for path in (LETTERS, _page(letter), _page(letter, "edit")):
        page = operator.get(path).content.decode()
        assert "parcel.lost" in page
        assert "pm_card_visa" not in page
        assert "ada@example.com" not in page
    assert "does not answer" in operator.get(_page(letter)).content.decode()


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("", True),
        (f"handler={QUEUE}.search", True),
        ("handler=nobody", False),
        ("type=parcel.lost", True),
        ("type=order.placed", False),
        ("event=p1", True),
        ("event=p2", False),
        ("event=%00", False),
        ("parked__exact=0", True),
        ("parked__exact=1", False),
        ("died_at_from=2020-01-01", True),
        ("died_at_to=2020-01-01", False),
        ("died_at_from=never", True),
        ("queue=nothing", False),
        ("p=x", True),
    ],
)
def test_letters_are_found_by_what_they_are_about(query: str, is_found: bool, operator: Client) -> None:
    letter = _die()

    page = operator.get(f"{LETTERS}?{query}", follow=True).content.decode()

    assert (_page(letter) in page) is is_found


def test_a_letter_whose_event_the_log_has_no_more_is_still_shown(operator: Client) -> None:
    letter = DeadLetter.objects.create(
        event_id=uuid7(),
        handler="a.b",
        queue="a",
        attempts=1,
        parked=True,
        error="gone",
        event=None,
        died_at=timezone.now(),
    )

    assert "The log had it no more" in operator.get(_page(letter)).content.decode()
    assert operator.get(LETTERS).status_code == 200
    assert "stayed" in operator.post(_page(letter, "retry"), follow=True).content.decode()
    assert DeadLetter.objects.exists()


def test_a_longer_list_takes_no_more_queries_and_no_count_of_all(operator: Client) -> None:
    letter = _die()
    operator.get(LETTERS)
    with CaptureQueriesContext(connection) as few:
        operator.get(LETTERS)
    for _ in range(30):
        letter.pk = None
        letter.save(force_insert=True)

    with CaptureQueriesContext(connection) as many:
        operator.get(LETTERS)

    assert len(many) <= len(few)
    assert all("LIMIT" in query["sql"] for query in many if "COUNT(" in query["sql"] and "bus_" in query["sql"])


# --- Retrying -----------------------------------------------------------------------------------------------


def test_one_letter_is_retried_after_a_question(operator: Client) -> None:
    letter = _die()

    assert "hears it again" in operator.get(_page(letter, "retry")).content.decode()
    assert DeadLetter.objects.exists()
    operator.post(_page(letter, "retry"))

    assert Delivery.objects.get().handler == f"{QUEUE}.search"
    assert not DeadLetter.objects.exists()
    entry = Entry.objects.get()
    assert (entry.action, entry.subject) == ("dead_letter.retried", f"events/{letter.event_id}")
    assert (entry.before or {})["error"] == "Storm: (hidden) does not answer"


def test_many_letters_are_retried_at_once(operator: Client) -> None:
    letter = _die()
    first = letter.pk
    letter.pk = None
    letter.save(force_insert=True)

    operator.post(LETTERS, {"action": "retry", "_selected_action": [first, letter.pk]})

    assert Delivery.objects.count() == 2
    assert Entry.objects.count() == 2


def test_a_letter_that_somebody_else_retried_meanwhile_is_not_there(operator: Client) -> None:
    letter = _die()
    operator.post(_page(letter, "retry"))

    assert operator.post(_page(letter, "retry")).status_code == 404
    assert operator.post(_page(letter, "edit"), _edited()).status_code == 404
    assert Delivery.objects.count() == 1


# --- Putting right ------------------------------------------------------------------------------------------


def test_a_letter_is_put_right_without_a_look_at_what_is_hidden(operator: Client) -> None:
    letter = _die()

    operator.post(_page(letter, "edit"), _edited())
    drain.run(QUEUE)

    assert notes.numbers("pm_card_visa") == [2]
    assert Logged.objects.get(pk=letter.event_id).data["number"] == 1
    entry = Entry.objects.get()
    assert (entry.action, entry.reason) == ("dead_letter.amended", "the number was odd")
    assert ((entry.before or {})["payload"]["number"], (entry.after or {})["payload"]["number"]) == (1, 2)
    assert "pm_card_visa" not in str([entry.before, entry.after])


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"payload": "{", "reason": "x"},
        {"payload": "[1]", "reason": "x"},
        {"payload": "null", "reason": "x"},
        _edited("many"),
        _edited(parcel="p2"),
        _edited(parcel="(hidden)"),
        _edited(payment_method="a\0b"),
        _edited() | {"reason": ""},
        {"payload": "[" * 100_000, "reason": "x"},
    ],
)
def test_what_is_no_such_event_is_said_in_the_form(form: dict[str, str], operator: Client) -> None:
    letter = _die()

    answer = operator.post(_page(letter, "edit"), form)

    assert answer.status_code == 200
    if form:
        assert answer.context["form"].errors
    assert DeadLetter.objects.exists()
    assert not Entry.objects.exists()


# --- Letting go ---------------------------------------------------------------------------------------------


def test_a_letter_is_let_go_for_a_reason(operator: Client) -> None:
    letter = _die()

    operator.post(_page(letter, "let-go"), {"reason": ""})
    assert DeadLetter.objects.exists()
    operator.post(_page(letter, "let-go"), {"reason": "found"})

    assert Receipt.objects.get().attempts == 0
    assert not DeadLetter.objects.exists()
    entry = Entry.objects.get()
    assert (entry.action, entry.reason) == ("dead_letter.let_go", "found")


def test_many_letters_are_let_go_after_a_question(operator: Client) -> None:
    letter = _die()
    chosen = {"action": "let_go", "_selected_action": [letter.pk]}

    asked = operator.post(LETTERS, chosen)
    assert "Nobody will ever do it" in asked.content.decode()
    assert DeadLetter.objects.exists()
    operator.post(LETTERS, chosen | {"reason": "found"})

    assert not DeadLetter.objects.exists()
    assert Entry.objects.get().reason == "found"


# --- Who may ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["support", "warehouse", "finance"])
def test_who_may_not_mend_sees_and_does_nothing(role: str) -> None:
    letter = _die()
    clerk = browser_of(staff("clerk", role))

    assert clerk.get(LETTERS).status_code == 403
    for what, form in (("retry", {}), ("edit", _edited()), ("let-go", {"reason": "x"})):
        assert clerk.post(_page(letter, what), form).status_code == 403
    assert clerk.post(LETTERS, {"action": "retry", "_selected_action": [letter.pk]}).status_code == 403
    assert DeadLetter.objects.get() == letter
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("what", ["add", "{}/change", "{}/delete"])
def test_nobody_writes_a_letter_by_hand(what: str, operator: Client) -> None:
    letter = _die()

    assert operator.post(f"{LETTERS}{what.format(letter.pk)}/", {"error": "none", "post": "yes"}).status_code == 403
    assert DeadLetter.objects.get().error == letter.error


def test_a_post_without_the_csrf_token_does_nothing(transactional_db: None) -> None:
    letter = _die()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(staff("boss", "admin"))

    assert browser.post(_page(letter, "retry")).status_code == 403
    assert DeadLetter.objects.exists()
