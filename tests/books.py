"""The sandbox gateway's own book: what really became of the money, whatever the shop believes."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection


@dataclass(frozen=True)
class Entry:
    key: str
    operation: str
    amount: int
    done: bool


@dataclass(frozen=True)
class Balance:
    """Minor units: what the gateway holds for us, and what it has taken and not given back."""

    held: int = 0
    taken: int = 0


NOTHING = Balance()


def entries(order_id: UUID | None = None) -> list[Entry]:
    """What the gateway wrote down, oldest first, for one order or all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, operation, amount, done FROM payments_sandbox_book WHERE key LIKE %s ORDER BY written_at",
            [f"{order_id or ''}%"],
        )
        return [Entry(*row) for row in cursor.fetchall()]


def operations(order_id: UUID) -> list[str]:
    """What the gateway did for an order, oldest first; refusals are left out."""
    return [entry.operation for entry in entries(order_id) if entry.done]


def balance(order_id: UUID | None = None) -> Balance:
    """What is held and taken for one order, or for all."""
    sums = dict.fromkeys(("authorise", "capture", "void", "refund"), 0)
    for entry in entries(order_id):
        sums[entry.operation] += entry.amount if entry.done else 0
    return Balance(
        held=sums["authorise"] - sums["capture"] - sums["void"],
        taken=sums["capture"] - sums["refund"],
    )
