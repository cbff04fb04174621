"""A gateway to develop and test with. It keeps its own book, in transactions of its own, as a real one would.

Payment methods choose its temper: `pm_card_visa` pays, `pm_card_chargeDeclined` is declined, `pm_test_slow` pays
after two seconds, `pm_test_no_answer` holds the money and never says so, until it is asked by key.
"""

import time

from payments.gateways import NoAnswer, Request, Result
from shop import autonomous

_SLOW = 2.0  # seconds

# Whoever comes second with a key gets what is written there already.
_ACT = """
INSERT INTO payments_sandbox_book AS known (key, operation, charge, amount, currency, done, code)
VALUES (%(key)s, %(operation)s, %(charge)s, %(amount)s, %(currency)s, %(done)s, %(code)s)
ON CONFLICT (key) DO UPDATE SET key = known.key
RETURNING done, charge, code
"""


class SandboxGateway:
    """Keeps to the protocol of `Gateway`, idempotency included."""

    def perform(self, request: Request) -> Result:
        temper = request.method if request.operation == "authorise" else ""
        if temper == "pm_test_slow":
            time.sleep(_SLOW)
        result = self._act(request, declined=temper == "pm_card_chargeDeclined")
        if temper == "pm_test_no_answer":
            time.sleep(_SLOW)
            raise NoAnswer("the gateway did not answer in time")
        return result

    def find(self, key: str) -> Result | None:
        with autonomous.cursor() as cursor:
            cursor.execute("SELECT done, charge, code FROM payments_sandbox_book WHERE key = %s", [key])
            row = cursor.fetchone()
        return Result(**row) if row else None

    def _act(self, request: Request, *, declined: bool) -> Result:
        entry = {
            "key": request.key,
            "operation": request.operation,
            "charge": request.charge or f"ch_{request.key}",
            "amount": request.amount.amount,
            "currency": request.amount.currency,
            "done": not declined,
            "code": "card_declined" if declined else "",
        }
        with autonomous.cursor() as cursor:
            return Result(**cursor.execute(_ACT, entry).fetchall()[0])
