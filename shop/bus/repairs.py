"""What the doctor may mend in the tables of the bus. Receipts see to it that nothing is done twice."""

from datetime import datetime

from django.db import connection, transaction

from shop.bus import bells
from shop.bus.deliveries import hurry
from shop.bus.lanes import is_held
from shop.bus.replay import deliver
from shop.bus.wanted import Wanted
from shop.doctor import Mended, NotSafe, Repair, Row


def _deliver(row: Row) -> Mended | None:
    made = deliver(Wanted(event=row["event_id"], handlers=[row["handler"]]))
    if not made.delivered:
        return None
    return Mended(subject=f"events/{row['event_id']}", before={}, after={"delivered_to": row["handler"]})


def _ring(row: Row) -> Mended:
    queue = row["queue"]
    if bells.unvisited([queue]) is None:
        raise NotSafe("Redis does not answer, so nobody can be rung; workers look by themselves once it is back")
    transaction.on_commit(lambda: bells.ring_now([queue]))
    return Mended(subject=f"queues/{queue}", before={}, after={"rung": True})


def _take_over(row: Row) -> Mended:
    if is_held(row["queue"], row["lane"]):
        raise NotSafe("a drain that lives has it, and is frozen or hangs: start its worker again")
    return _ring(row)


def _hurry(row: Row) -> Mended | None:
    before = _due_at(row["seq"])
    if before is None or not hurry(row["seq"]):
        return None
    bells_of = [row["queue"]]
    transaction.on_commit(lambda: bells.ring_now(bells_of))
    subject = f"events/{row['event_id']}"
    return Mended(subject=subject, before={"due_at": before}, after={"due_at": _due_at(row["seq"])})


def _due_at(seq: int) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT due_at FROM bus_delivery WHERE seq = %s FOR UPDATE", [seq])
        row = cursor.fetchone()
    return row[0] if row else None


DELIVER = Repair(
    deed="The delivery is written again, as the log and the code say it.", action="delivery.written", mend=_deliver
)
RING = Repair(deed="The queue's workers are rung.", action="queue.rung", mend=_ring)
TAKE_OVER = Repair(
    deed="The queue's workers are rung, and take over what the dead drain had.", action="queue.rung", mend=_take_over
)
HURRY = Repair(deed="It is due now.", action="delivery.hurried", mend=_hurry)
