"""Asking one question, and being honest about what could not be asked."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.utils import InternalError, ProgrammingError
from django.utils import timezone
from pytest_django import Settings

from inventory.models import StockLevel
from payments.gateways import gateway
from shop.bus import horizon
from shop.bus.models import Event as LoggedEvent
from shop.bus.models import Receipt
from shop.bus.reading import first_id
from shop.doctor import Finding, Invariant, examine, known
from shop.doctor.examination import look
from shop.users.models import User
from tests.payments.tempers import ShowsNoBook
from tests.shopping import place

pytestmark = pytest.mark.django_db(transaction=True)


def _ask(question: str, *, most: int = 100) -> Finding:
    invariant = Invariant(claim="all is well", broken=question, remedy="Rest.")
    return look("tests", invariant, since=timezone.now() - timedelta(days=1), most=most)


def test_who_breaks_it_is_named_by_columns(mugs: StockLevel) -> None:
    finding = _ask("SELECT sku, on_hand FROM inventory_stocklevel")

    assert finding.broken == [{"sku": "MUG-BLUE", "on_hand": 20}]


def test_no_more_are_named_than_are_wanted() -> None:
    assert len(_ask("SELECT n FROM generate_series(1, 300) AS n", most=7).broken) == 7


def test_a_question_that_takes_too_long_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.doctor.examination._PATIENCE", "50ms")

    finding = _ask("SELECT pg_sleep(60)::text AS slept")

    assert finding.not_asked == "it took longer than 50ms; look back less far"
    assert finding.broken == ()


def test_a_question_cannot_change_anything(mugs: StockLevel) -> None:
    with pytest.raises(InternalError, match="read-only transaction"):
        _ask("SELECT nextval('orders_number') AS number")


def test_nobody_is_asked_about_what_the_log_has_forgotten(
    ada: User, mugs: StockLevel, drain_all: Callable[[], None], settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "notifications.channels.mailbox.MailboxBackend"
    place(ada, {"MUG-BLUE": 2})
    drain_all()
    LoggedEvent.objects.all().delete()
    Receipt.objects.all().delete()
    long_ago = timezone.now() - timedelta(days=365)
    missed = [each for each in examine(since=long_ago) if each.broken]

    horizon.move(first_id(timezone.now()))

    assert missed != []
    assert [each for each in examine(since=long_ago) if each.broken] == []


def test_a_question_that_is_wrong_is_not_taken_for_well() -> None:
    with pytest.raises(ProgrammingError):
        _ask("SELECT nothing FROM nowhere")


def test_a_gateway_that_shows_no_book_is_said_to_be_unchecked(settings: Settings) -> None:
    settings.PAYMENT_GATEWAY = f"{ShowsNoBook.__module__}.{ShowsNoBook.__qualname__}"
    gateway.cache_clear()
    (book,) = (each for each in known()["payments"] if "book" in each.claim)

    finding = look("payments", book, since=timezone.now() - timedelta(days=1))

    assert finding.not_asked.startswith("this gateway shows no book")
