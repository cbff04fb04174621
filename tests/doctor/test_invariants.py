"""The doctor is examined too: whatever is broken on purpose, it finds, and of what is well it finds nothing."""

import pytest
from django.db import connection, transaction

from shop.doctor import known
from tests.doctor.conftest import Broken
from tests.doctor.damages import DAMAGES

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shop_that_is_well_breaks_nothing(stories: None, broken: Broken) -> None:
    assert broken() == set()


def test_whatever_is_broken_on_purpose_is_named_and_nothing_else(stories: None, broken: Broken) -> None:
    mistaken = {}
    for deed, claims in DAMAGES:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL session_replication_role = replica")
                cursor.execute(deed)
            if (found := broken()) != claims:
                mistaken[deed] = found
            transaction.set_rollback(True)

    assert mistaken == {}


def test_each_invariant_is_broken_by_some_damage() -> None:
    every = {each.claim for several in known().values() for each in several}

    assert set().union(*(claims for _, claims in DAMAGES)) == every


def test_every_invariant_says_what_to_do_first() -> None:
    every = [each for several in known().values() for each in several]

    assert all(each.remedy.endswith(".") for each in every)
    assert len({each.claim for each in every}) == len(every)
