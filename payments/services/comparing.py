"""Comparing our attempts with the gateway's own book, entry by entry, by their keys."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection

from payments.gateways import Entry, KeepsBook
from payments.models import Attempt, Operation, Outcome
from shop.bus.reading import first_id

_PAGE = 5_000
_CLOCKS = timedelta(minutes=10)  # by which ours and the gateway's may differ

# What the gateway has done was wanted and written down before it was asked. Nothing that was pending is set free for
# nothing, so the sums of voids say little. Where a customer had to act first, a later look says how it ended.
_JUDGE = """
SELECT
    payment.order_id, payment.order_number, key, entry.operation, entry.charge, entry.amount, entry.currency,
    coalesce(attempt.outcome || ', payment ' || payment.status, 'unknown') AS here
FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[])
    AS entry (key, operation, charge, amount, currency)
LEFT JOIN payments_attempt AS attempt USING (key)
LEFT JOIN payments_payment AS payment ON payment.id = attempt.payment_id
LEFT JOIN payments_refund AS refund ON refund.id = attempt.refund_id
WHERE attempt.id IS NULL OR attempt.operation <> entry.operation
    OR entry.operation <> 'void'
        AND (entry.amount, entry.currency) <> (coalesce(refund.amount, payment.amount), payment.currency)
    OR NOT CASE attempt.outcome
        WHEN 'succeeded' THEN true
        WHEN 'waiting' THEN payment.status NOT IN ('pending', 'declined', 'closed')
        WHEN 'failed' THEN false
        ELSE payment.busy
    END
"""

Difference = dict[str, Any]
"""What differs: which order, key and operation, what the gateway has, and what is known of it `here`."""


def differences(book: KeepsBook, *, since: datetime) -> Iterator[Difference]:
    """What the gateway did and we do not know, what we believe done and it never saw, and what it holds for ever."""
    seen: set[int] = set()  # hashes: there may be millions of keys
    set_nothing_free: list[str] = []
    entries = book.statement(since=since)
    while page := list(islice(entries, _PAGE)):
        seen.update(hash(entry.key) for entry in page)
        set_nothing_free += [each.key for each in page if each.operation == Operation.VOID and not each.amount.amount]
        yield from _unknown_here(page)
    yield from _unknown_there(book, seen, since + _CLOCKS)
    yield from _held_all_the_same(book, set_nothing_free)


def _unknown_here(entries: Sequence[Entry]) -> list[Difference]:
    rows = [(each.key, each.operation, each.charge, each.amount.amount, each.amount.currency) for each in entries]
    with connection.cursor() as cursor:
        cursor.execute(_JUDGE, [list(column) for column in zip(*rows, strict=True)])
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _unknown_there(book: KeepsBook, seen: set[int], since: datetime) -> Iterator[Difference]:
    """Whoever is not in the statement is asked for by key: it may have been done just now, or by another clock."""
    done = Attempt.objects.filter(pk__gte=first_id(since), outcome=Outcome.SUCCEEDED).exclude(operation=Operation.LOOK)
    told = done.values_list("key", "operation", "payment__order_id", "payment__order_number")
    for key, operation, order_id, number in told.iterator(chunk_size=_PAGE):
        if hash(key) not in seen:
            known = book.find(key)
            if known is None or not known.done:
                yield {
                    "order_id": order_id,
                    "order_number": number,
                    "key": key,
                    "operation": operation,
                    "here": "succeeded",
                    "there": "unknown" if known is None else known.code,
                }


def _held_all_the_same(book: KeepsBook, voids: Sequence[str]) -> Iterator[Difference]:
    """While a customer was still to act there was nothing to set free. Was it held all the same, nobody asks for it."""
    holds = Attempt.objects.filter(operation=Operation.AUTHORISE, payment__attempts__key__in=voids)
    for key, order_id, number in holds.values_list("key", "payment__order_id", "payment__order_number"):
        known = book.find(key)
        if known and known.done:
            yield {
                "order_id": order_id,
                "order_number": number,
                "key": key,
                "operation": Operation.AUTHORISE,
                "here": "set free",
                "there": "held",
            }
