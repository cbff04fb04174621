"""Orders under load: as many as can be, and so many a second; each looked at in the database until it is complete."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import parts
from benchmarks.clients import Crowd, send
from benchmarks.load import Outcome, Plan
from benchmarks.parts import Spent
from benchmarks.percentiles import milliseconds
from benchmarks.stage import Stage, StageFailed

CLIENTS = (8, 16, 32, 64)
"""How many order at once, where as many orders are wanted as can be."""

_LONGEST = 600.0  # seconds until the last order is complete

_HERE = Path(__file__).parent
COMPLETE, CONFIRMED = (_HERE / "complete.sql").read_text(), (_HERE / "confirmed.sql").read_text()

# What is out is due again within a minute, should its worker die; deadlines are further away.
_BUSY = "SELECT EXISTS (SELECT FROM bus_delivery WHERE due_at <= now() + interval '61 seconds')"
_LAST = "SELECT max(done_at) FROM bus_receipt WHERE done_at >= %s"
_ALL = "SELECT count(*) FROM orders_order"
_SESSIONS = "SELECT pid, application_name FROM pg_stat_activity WHERE backend_type = 'client backend'"


@dataclass(frozen=True, kw_only=True)
class Run:
    """Orders that were placed and are complete, mails included."""

    orders: int
    seconds: float
    """From the first request to the end of the last work, by the database's receipts."""
    spent: Spent
    client: Outcome
    confirmed: Sequence[float]
    """From placed to confirmed, in seconds."""

    @property
    def rate(self) -> float:
        return self.orders / self.seconds

    def answered(self, share: float) -> float:
        """Of the answers to POST /orders, in milliseconds."""
        return milliseconds(self.client.latencies, share)

    def waited(self, share: float) -> float:
        """Of the waits from placed to confirmed, in milliseconds."""
        return milliseconds(self.confirmed, share)

    @property
    def cpu(self) -> float:
        """Seconds for each order, of all processes and servers."""
        return self.spent.cpu / self.orders


def saturated(stage: Stage, crowd: Crowd, *, connections: int, seconds: float) -> Run:
    """Each of so many clients sends its next order when the last one is answered."""
    return _run(stage, Plan(**crowd.orders(), connections=connections, seconds=seconds))


def steady(stage: Stage, crowd: Crowd, *, rate: float, seconds: float) -> Run:
    """So many a second at fixed times; latencies count from these, whoever was late."""
    return _run(stage, Plan(**crowd.orders(), connections=128, rate=rate, seconds=seconds))


def _run(stage: Stage, plan: Plan) -> Run:
    """Raises `StageFailed` if any order is not what it must be at the end."""
    until_idle(stage)
    before = look(stage)
    known = _number_of_orders(stage)
    client = send(plan, expect="201")
    until_idle(stage)
    spent = parts.between(before, look(stage))
    with stage.database() as database:
        began = datetime.fromtimestamp(client.began, UTC)
        ((last,),) = database.execute(_LAST, [began]).fetchall()
        wrong = database.execute(COMPLETE, [client.ids]).fetchall()
        confirmed = [float(seconds) for (seconds,) in database.execute(CONFIRMED, [client.ids])]
    made = _number_of_orders(stage) - known
    if wrong or not made == len(client.ids) == len(confirmed):
        raise StageFailed(f"{made} orders for {len(client.ids)} answers, of which these are incomplete: {wrong[:5]}")
    return Run(
        orders=made,
        seconds=(last - began).total_seconds(),
        spent=spent,
        client=client,
        confirmed=confirmed,
    )


def until_idle(stage: Stage) -> None:
    """Until nothing is left to do but what waits for a deadline."""

    def idle() -> bool:
        return not _one(database.execute(_BUSY).fetchall())

    with stage.database() as database:
        stage.until("nothing is left to do", idle, seconds=_LONGEST, pause=0.1)


def look(stage: Stage) -> parts.Moment:
    with stage.database() as database:
        sessions = {int(pid): str(name) for pid, name in database.execute(_SESSIONS)}
    return parts.look(stage.pid, sessions)


def _number_of_orders(stage: Stage) -> int:
    with stage.database() as database:
        return int(_one(database.execute(_ALL).fetchall()))


def _one(rows: Sequence[tuple[Any, ...]]) -> Any:
    ((value,),) = rows
    return value
