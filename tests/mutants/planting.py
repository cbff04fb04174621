"""Each mutant takes one safeguard out of the code, in this process, until the patch is undone.

`CHAOS_MUTANT=tests.mutants.planting:sleep_for_ever` plants one in every process of a stack under chaos.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from inventory import services as inventory
from inventory.models import MAIN, StockLevel
from inventory.services import adjustments, locking, reservations
from inventory.services.locking import lock_levels, reservations_of
from payments import services as payments
from payments.models import Attempt, Wish
from payments.services import calls
from payments.services.calls import Intent
from payments.services.moving import payments_of, save_and_go_on
from shop.bus import batch, bells, deliveries, leases, tasks
from shop.bus.handlers import take_locks
from shop.bus.lanes import Lane
from shop.bus.publishing import gather
from shop.states import bulk_save

Plant = Callable[[pytest.MonkeyPatch], None]


# --- The bus ------------------------------------------------------------------------------------------------


def finish_before_the_effects(patch: pytest.MonkeyPatch) -> None:
    """A delivery is completed in a transaction of its own, and then its handler runs."""

    def run(lane: Lane, seqs: Sequence[int]) -> None:
        with transaction.atomic():
            understood = batch.understand(deliveries.claim(seqs))
            deliveries.finish([delivery.seq for delivery, _, _ in understood])
            lane.unmark()
        if understood:
            with transaction.atomic(), gather():
                take_locks(understood[0][0].queue, [event for _, _, event in understood])
                for handler, part in batch._portions(understood):
                    batch._hand_over(handler, part)

    patch.setattr(tasks, "run_together", lambda lane, seqs, until: run(lane, seqs))  # noqa: ARG005 - as it is called
    patch.setattr(batch, "run_one", lambda lane, seq: run(lane, [seq]))


def write_no_receipt(patch: pytest.MonkeyPatch) -> None:
    """Nothing says that a handler has heard an event."""
    finish = """
        WITH unmarked AS (UPDATE bus_marker SET seqs = '{}' WHERE queue = %(queue)s AND lane = %(lane)s)
        DELETE FROM bus_delivery WHERE seq = ANY(%(seqs)s)
    """
    patch.setattr(deliveries, "_FINISH", finish)


def write_the_receipt_afterwards(patch: pytest.MonkeyPatch) -> None:
    """The receipt is written in a transaction after that of the effects."""

    def finish(seqs: Iterable[int], *, last_of: Lane | None = None) -> None:
        if last_of:
            last_of.unmark()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM bus_delivery WHERE seq = ANY(%s) RETURNING event_id, handler", [list(seqs)])
            done = cursor.fetchall()
        transaction.on_commit(lambda: _write_receipts(done))

    patch.setattr(deliveries, "finish", finish)


def _write_receipts(done: Sequence[tuple[UUID, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO bus_receipt (event_id, handler, attempts, done_at) VALUES (%s, %s, 1, shop_now())", done
        )


def settle_without_a_fence(patch: pytest.MonkeyPatch) -> None:
    """An answer counts though the lease of its call was taken over."""
    hold = """
        SELECT seq, lease.attempts, handler FROM bus_delivery
        JOIN unnest(%s::bigint[], %s::smallint[]) AS lease (seq, attempts) USING (seq)
        ORDER BY seq FOR UPDATE OF bus_delivery
    """
    patch.setattr(leases, "_HOLD", hold)


def never_sweep(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks for work without being rung."""
    patch.setattr(bells, "ring_now", lambda queues: None)  # noqa: ARG005 - as it is called


def take_the_flag_down_after_the_work(patch: pytest.MonkeyPatch) -> None:
    """Who commits while a drain is at work does not ring, and the drain has looked already."""
    clear, run = bells.clear, tasks.drain.run

    def drain(queue: str) -> None:
        run(queue)
        clear(queue)

    patch.setattr(bells, "clear", lambda queue: None)  # noqa: ARG005 - as it is called
    patch.setattr(tasks.drain, "run", drain)


# --- The domains --------------------------------------------------------------------------------------------


def count_stock_blindly(patch: pytest.MonkeyPatch) -> None:
    """Staff count a shelf, and what they read without a lock is written back as a number."""

    def level(sku: str, location: str) -> StockLevel:
        found = StockLevel.objects.filter(sku=sku, location=location).first()
        return found or StockLevel(sku=sku, location=location, on_hand=0)

    patch.setattr(adjustments, "_level", level)
    patch.setattr(adjustments, "_save", lambda level: _overwrite([level]))


def reserve_stock_blindly(patch: pytest.MonkeyPatch) -> None:
    """Levels are read without a lock, and written back as numbers."""

    def levels_of(skus: Iterable[str]) -> dict[str, StockLevel]:
        return {level.sku: level for level in StockLevel.objects.filter(sku__in=list(skus), location=MAIN)}

    def save(rows: Sequence[Any]) -> None:
        levels = [row for row in rows if isinstance(row, StockLevel)]
        _overwrite(levels)
        bulk_save([row for row in rows if row not in levels])

    patch.setattr(locking, "levels_of", levels_of)
    patch.setattr(reservations, "levels_of", levels_of)
    patch.setattr(reservations, "bulk_save", save)


def _overwrite(levels: Sequence[StockLevel]) -> None:
    for level in levels:
        QuerySet(StockLevel).filter(pk=level.pk).update(on_hand=level.on_hand, reserved=level.reserved)


def ask_again_under_a_new_key(patch: pytest.MonkeyPatch) -> None:
    """Whoever has not heard an answer from the gateway asks for the money anew."""
    made = calls._intent

    def intent(attempt: Attempt) -> Intent | None:
        known = made(attempt)
        if known is None or not known.ask_first:
            return known
        request = msgspec.structs.replace(known.request, key=f"{attempt.key}:{uuid4()}")
        return msgspec.structs.replace(known, ask_first=False, request=request)

    patch.setattr(calls, "_intent", intent)


def release_without_a_tombstone(patch: pytest.MonkeyPatch) -> None:
    """Inventory forgets a cancelled order that it has not heard of before."""

    @transaction.atomic(savepoint=False)
    def release(*, order_ids: Sequence[UUID]) -> None:
        lock_levels(skus=(), order_ids=order_ids)
        known = reservations_of(order_ids).values()
        reservations._let_go([reservation for reservation in known if reservation.holds])

    patch.setattr(inventory, "release", release)


def give_back_without_a_tombstone(patch: pytest.MonkeyPatch) -> None:
    """Payments forgets a cancelled order that it has not heard of before."""

    @transaction.atomic(savepoint=False)
    def give_back(*, order_ids: Sequence[UUID]) -> None:
        known = list(payments_of(order_ids).values())
        for payment in known:
            payment.wish = Wish.GIVE_BACK
        save_and_go_on(known)

    patch.setattr(payments, "give_back", give_back)
