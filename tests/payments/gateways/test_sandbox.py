from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from payments.gateways import Entry, KeepsBook, NoAnswer, Request, Result
from payments.gateways.sandbox import SandboxGateway, bank_says
from shop.money import Money
from tests.books import Balance, balance, entries
from tests.crowds import together
from tests.shopping import IS_DECLINED, NEVER_ANSWERS, PAYS

_NEEDS_THE_CUSTOMER = "pm_card_threeDSecure2Required"

pytestmark = pytest.mark.django_db(transaction=True)


def _request(*, method: str = PAYS, operation: str = "authorise", charge: str = "") -> Request:
    return Request(
        key=f"{uuid4()}:{operation}", operation=operation, amount=Money(2400, "EUR"), method=method, charge=charge
    )


def test_the_same_key_again_gets_the_first_result_again() -> None:
    request = _request()

    first, second = SandboxGateway().perform(request), SandboxGateway().perform(request)

    assert first == second == Result(done=True, charge=f"ch_{request.key}")
    assert len(entries()) == 1


def test_the_same_key_from_many_at_once_is_written_once() -> None:
    request = _request()

    results = together(*[lambda: SandboxGateway().perform(request)] * 10)

    assert set(results) == {Result(done=True, charge=f"ch_{request.key}")}
    assert len(entries()) == 1


def test_a_card_that_is_declined_is_declined_under_its_key_for_ever() -> None:
    request = _request(method=IS_DECLINED)

    first, second = SandboxGateway().perform(request), SandboxGateway().perform(request)

    assert first == second
    assert (first.done, first.code) == (False, "card_declined")


def test_a_key_that_was_never_seen_is_not_found() -> None:
    assert SandboxGateway().find("never-seen") is None


def test_the_gateway_that_does_not_answer_has_held_the_money_all_the_same() -> None:
    request = _request(method=NEVER_ANSWERS)

    with pytest.raises(NoAnswer):
        SandboxGateway().perform(request)

    assert SandboxGateway().find(request.key) == Result(done=True, charge=f"ch_{request.key}")
    assert balance() == Balance(held=2400)


def test_later_operations_keep_the_charge_of_the_first() -> None:
    result = SandboxGateway().perform(_request(operation="capture", charge="ch_first"))

    assert result.charge == "ch_first"


def test_what_the_gateway_did_outlives_the_rollback_of_who_asked() -> None:
    request = _request()

    with transaction.atomic():
        SandboxGateway().perform(request)
        transaction.set_rollback(True)

    assert SandboxGateway().find(request.key) is not None


def test_its_statement_has_what_was_done_since_and_nothing_that_was_refused() -> None:
    book = SandboxGateway()
    paid, declined = _request(), _request(method=IS_DECLINED)
    book.perform(paid)
    book.perform(declined)

    now = timezone.now()
    told = list(book.statement(since=now - timedelta(hours=1)))

    assert isinstance(book, KeepsBook)
    assert told == [
        Entry(key=paid.key, operation="authorise", charge=f"ch_{paid.key}", amount=Money(2400, "EUR")),
    ]
    assert list(book.statement(since=now + timedelta(hours=1))) == []


def test_who_lets_a_charge_through_while_it_is_set_free_comes_first_or_too_late() -> None:
    gateway = SandboxGateway()
    for _ in range(30):
        charge = gateway.perform(_request(method=_NEEDS_THE_CUSTOMER)).charge
        set_free = _request(operation="void", charge=charge)

        deeds: list[Callable[[], object]] = [
            partial(bank_says, charge=charge, approved=True),
            partial(gateway.perform, set_free),
        ]
        together(*deeds)

    assert balance() == Balance()
