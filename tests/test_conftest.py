"""The fixtures themselves: a test finds nothing of the one before it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from rest_framework.test import APIClient

from inventory.models import StockLevel
from shop import autonomous
from shop.bus import gather, publish
from shop.clock import shop_now
from shop.users import api_keys
from shop.users.models import User
from tests.bus.facts import LampLit, LampPutOut
from tests.bus.stage import notes
from tests.conftest import Clock, Published

KEPT = ("django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_every_table_is_empty_when_a_test_begins(turn: str) -> None:
    assert [table for table in _tables() if table not in KEPT and _count(table)] == []
    assert len([table for table in _tables("relispartition") if table.startswith("bus_event_")]) >= 10

    with gather():
        User.objects.create_user("ada@example.com")
        publish(LampLit(lamp="a"))
        notes.make("turn")
    with autonomous.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_sandbox_book (key, operation, charge, amount, currency, done, code)"
            " VALUES ('k', 'authorise', 'ch', 1, 'EUR', true, '')"
        )


@pytest.mark.django_db
def test_what_was_published_is_read_anew_each_time() -> None:
    with gather():
        publish(LampLit(lamp="before"))
    published = Published()
    assert published == []

    with gather():
        publish(LampLit(lamp="a"))
        publish(LampPutOut(lamp="a"))
    assert published == [LampLit(lamp="a"), LampPutOut(lamp="a")]
    assert (len(published), published[-1]) == (2, LampPutOut(lamp="a"))
    assert published.of(LampPutOut) == [LampPutOut(lamp="a")]


@pytest.mark.django_db
def test_the_clock_moves_for_this_session_and_is_put_right_again(clock: Clock) -> None:
    before = shop_now()

    clock.forward(timedelta(hours=2))
    clock.forward(timedelta(minutes=30))

    assert timedelta(0) <= shop_now() - before - timedelta(minutes=150) < timedelta(seconds=10)


def test_ada_can_be_recognised_by_her_token(ada: User, ada_token: str, api: APIClient) -> None:
    key = api_keys.find(ada_token)
    assert key is not None
    assert key.owner == ada
    assert vars(api)["_credentials"] == {"HTTP_AUTHORIZATION": f"Bearer {ada_token}"}


def test_there_are_twenty_mugs_and_one_lamp(mugs: StockLevel, lamps: StockLevel) -> None:
    assert (mugs.sku, mugs.available) == ("MUG-BLUE", 20)
    assert (lamps.sku, lamps.available) == ("LAMP-BLACK", 1)


def test_draining_all_of_nothing_is_done_at_once(drain_all: Callable[[], None]) -> None:
    drain_all()


def _tables(condition: str = "NOT relispartition") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p') AND {condition}"
            " AND relnamespace = 'public'::regnamespace"
        )
        return [table for (table,) in cursor.fetchall()]


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])
