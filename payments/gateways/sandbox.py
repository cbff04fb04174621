"""A gateway to develop and test with. It keeps its own book, in transactions of its own, as a real one would.

Payment methods choose its temper:

- `pm_card_visa` pays, and `pm_card_chargeDeclined` is declined;
- `pm_card_threeDSecure2Required` wants the customer to act at the bank first (`bank_says` is the bank);
- `pm_test_capture_fails` can be held and not taken;
- `pm_test_slow` pays after two seconds;
- `pm_test_no_answer` holds the money and never says so, until it is asked by key.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from psycopg import Cursor
from psycopg.rows import DictRow

from payments.gateways import Entry, NoAnswer, Request, Result
from shop import autonomous
from shop.money import Money

NEEDS_THE_CUSTOMER = "action_required"
"""The code of a charge for which the customer has not acted yet."""

_SLOW = 2.0  # seconds

# Whoever comes second with a key gets what is written there already. What nobody let through is set free for nothing,
# and no more is given back than was taken.
_ACT = """
INSERT INTO payments_sandbox_book AS known (key, operation, charge, amount, currency, done, code)
SELECT %(key)s, %(operation)s, %(charge)s, CASE WHEN pending THEN 0 ELSE %(amount)s END, %(currency)s,
    %(done)s AND NOT over, CASE WHEN over THEN 'charge_already_refunded' ELSE %(code)s END
FROM (
    SELECT
        coalesce(bool_or(operation = 'authorise' AND NOT done), false) AND %(operation)s = 'void' AS pending,
        %(operation)s = 'refund' AND %(amount)s > coalesce(sum(amount) FILTER (WHERE done AND operation = 'capture'), 0)
            - coalesce(sum(amount) FILTER (WHERE done AND operation = 'refund'), 0) AS over
    FROM payments_sandbox_book WHERE charge = %(charge)s
) AS before
ON CONFLICT (key) DO UPDATE SET key = known.key
RETURNING done, charge, code
"""

_LOOK = "SELECT done, charge, code FROM payments_sandbox_book WHERE charge = %s AND operation = 'authorise'"

_BANK = """
UPDATE payments_sandbox_book AS held SET done = %(approved)s, code = %(code)s
WHERE charge = %(charge)s AND operation = 'authorise' AND code = 'action_required'
    AND NOT EXISTS (SELECT FROM payments_sandbox_book v WHERE v.charge = held.charge AND v.operation = 'void')
RETURNING key
"""


_STATEMENT = """
SELECT key, operation, charge, amount, currency FROM payments_sandbox_book WHERE done AND written_at >= %s
"""


class SandboxGateway:
    """Keeps to the protocol of `Gateway`, idempotency included, and shows its book."""

    def perform(self, request: Request) -> Result:
        if request.operation == "look":
            return self._look(request.charge)
        temper = request.method if request.operation == "authorise" else ""
        if temper == "pm_test_slow":
            time.sleep(_SLOW)
        result = self._act(request, code=_REFUSALS.get((request.operation, request.method), ""))
        if temper == "pm_test_no_answer":
            time.sleep(_SLOW)
            raise NoAnswer("the gateway did not answer in time")
        return result

    def find(self, key: str) -> Result | None:
        with autonomous.cursor() as cursor:
            cursor.execute("SELECT done, charge, code FROM payments_sandbox_book WHERE key = %s", [key])
            row = cursor.fetchone()
        return _result(**row) if row else None

    def statement(self, *, since: datetime) -> Iterator[Entry]:
        with autonomous.cursor() as cursor:
            for row in cursor.stream(_STATEMENT, [since]):
                amount = Money(row.pop("amount"), row.pop("currency"))
                yield Entry(**row, amount=amount)

    def _look(self, charge: str) -> Result:
        with autonomous.cursor() as cursor:
            return _result(**cursor.execute(_LOOK, [charge]).fetchall()[0])

    def _act(self, request: Request, *, code: str) -> Result:
        entry = {
            "key": request.key,
            "operation": request.operation,
            "charge": request.charge or f"ch_{request.key}",
            "amount": request.amount.amount,
            "currency": request.amount.currency,
            "done": not code,
            "code": code,
        }
        looks_back = request.operation in {"void", "refund"}  # for which it matters what was done before
        with _alone_with(str(entry["charge"])) if looks_back else autonomous.cursor() as cursor:
            return _result(**cursor.execute(_ACT, entry).fetchall()[0])


@contextmanager
def _alone_with(charge: str) -> Iterator[Cursor[DictRow]]:
    """One thing at a time happens to a charge: who lets it through while it is set free comes first or too late.

    The lock is a statement of its own, since a statement sees what was there before it began to wait.
    """
    with autonomous.cursor() as cursor, cursor.connection.transaction():
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [charge])
        yield cursor


def bank_says(*, charge: str, approved: bool) -> bool:
    """The customer has acted at the bank; False if nobody waits for that any more."""
    entry = {"charge": charge, "approved": approved, "code": "" if approved else "authentication_failed"}
    with _alone_with(charge) as cursor:
        return cursor.execute(_BANK, entry).fetchone() is not None


_REFUSALS = {
    ("authorise", "pm_card_chargeDeclined"): "card_declined",
    ("authorise", "pm_card_threeDSecure2Required"): NEEDS_THE_CUSTOMER,
    ("capture", "pm_test_capture_fails"): "capture_failed",
}


def _result(done: bool, charge: str, code: str) -> Result:  # noqa: FBT001 - a row of the book
    waits = code == NEEDS_THE_CUSTOMER
    return Result(done=done, charge=charge, code=code, action_url=f"/dev/bank/{charge}" if waits else "")
