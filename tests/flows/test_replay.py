"""The whole log is told again, twice: nothing in the shop changes, no money moves, and nobody gets a mail."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest
from django.db import connection

from inventory.models import StockLevel
from shop.bus.models import DeadLetter, Delivery, Receipt
from shop.bus.replay import Share, deliver, preview, rounds
from shop.bus.wanted import Wanted
from shop.clock import ShopNow
from tests.flows.test_endings import (
    ENDINGS,
    Story,
    begin,  # noqa: F401 - asked for by name
)
from tests.shopping import PAYS

pytestmark = pytest.mark.django_db(transaction=True)

EVERYTHING = Wanted(since=datetime.min.replace(tzinfo=UTC))

_BOOKS_OF_THE_BUS = {"bus_receipt", "bus_tally", "bus_marker"}
"""What says when something was heard, and how often: all that a second hearing may change."""

_TABLES = """
SELECT oid::regclass::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1
"""


@pytest.fixture
def every_ending(
    begin: Callable[[str], Story],  # noqa: F811 - the fixture of that name
    mugs: StockLevel,
    drain_all: Callable[[], None],
) -> None:
    """A log of orders that ended in every way, and of one that waits for its deadline."""
    mugs.on_hand = 200
    mugs.save()
    for method, happens, _ in ENDINGS:
        story = begin(method)
        happens(story)
        story.work()
    begin(PAYS)
    drain_all()
    _leave_letters()


def _leave_letters() -> None:
    """One event is a dead letter, one is parked, and one was let go."""
    for number, receipt in enumerate(Receipt.objects.order_by("event_id", "handler")[:3]):
        Receipt.objects.filter(event_id=receipt.event_id, handler=receipt.handler).delete()
        if number == 2:
            Receipt.objects.create(event_id=receipt.event_id, handler=receipt.handler, attempts=0, done_at=ShopNow())
        else:
            DeadLetter.objects.create(
                event_id=receipt.event_id,
                handler=receipt.handler,
                queue=receipt.handler.partition(".")[0],
                attempts=1,
                parked=bool(number),
                error="",
                died_at=ShopNow(),
            )


@pytest.mark.usefixtures("every_ending")
def test_the_whole_log_told_twice_changes_nothing_and_sends_nothing_even_with_every_receipt_lost(
    drain_all: Callable[[], None],
) -> None:
    before = _everything()

    for _ in range(2):
        told = _tell_everything()
        assert _everything() == before
    assert told.delivered == 0
    assert told.done > 400
    assert (told.dead, told.waiting) == (2, Delivery.objects.count())

    Receipt.objects.filter(attempts__gt=0).delete()
    told_anew = _tell_everything()
    drain_all()
    after = _everything()
    assert told_anew.delivered > 400
    assert {table for table in before if before[table] != after[table]} <= _BOOKS_OF_THE_BUS
    assert after["bus_receipt"][0] == before["bus_receipt"][0]


def _tell_everything() -> Share:
    """Replay the whole log to everybody; in sum what was foretold, and then done."""
    foretold = [made.shares for made in rounds(EVERYTHING, preview)]
    delivered = [made.shares for made in rounds(EVERYTHING, deliver)]
    assert delivered == foretold
    return sum((share for shares in delivered for share in shares), Share("everybody", 0))


def _everything() -> Mapping[str, tuple[int, str]]:
    """How many rows every table has, and a sum of all that stands in them: the gateway's book and the mailbox, too."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        tables = [table for (table,) in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} AS t")
            found[table] = cursor.fetchone()
    return found
