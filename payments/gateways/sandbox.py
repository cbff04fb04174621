"""A gateway to develop and test with. It keeps its own book, in transactions of its own, as a real one would.

Payment methods choose its temper: `pm_card_visa` pays, `pm_card_chargeDeclined` is declined, `pm_test_slow` pays
after two seconds, `pm_test_no_answer` holds the money and never says so, until it is asked by key.
"""

import time

from payments.gateways import NoAnswer, Request, Result
from shop import autonomous

_SLOW = 2.0  # seconds
_WRITE = """
INSERT INTO payments_sandbox_book (key, operation, charge, amount, currency, done, code)
VALUES (%(key)s, %(operation)s, %(charge)s, %(amount)s, %(currency)s, %(done)s, %(code)s)
ON CONFLICT (key) DO NOTHING
"""


class SandboxGateway:
    """Keeps to the protocol of `Gateway`, idempotency included."""

    def perform(self, request: Request) -> Result:
        known = self.find(request.key)
        if known is None:
            self._act(request)
            known = self.find(request.key)
        assert known is not None  # noqa: S101 - for the type checker: it was written a moment ago
        return known

    def find(self, key: str) -> Result | None:
        with autonomous.cursor() as cursor:
            cursor.execute("SELECT done, charge, code FROM payments_sandbox_book WHERE key = %s", [key])
            row = cursor.fetchone()
        return Result(**row) if row else None

    def _act(self, request: Request) -> None:
        first = request.operation == "authorise"
        if first and request.method == "pm_test_slow":
            time.sleep(_SLOW)
        declined = first and request.method == "pm_card_chargeDeclined"
        self._write(request, done=not declined, code="card_declined" if declined else "")
        if first and request.method == "pm_test_no_answer":
            time.sleep(_SLOW)
            raise NoAnswer("the gateway did not answer in time")

    def _write(self, request: Request, *, done: bool, code: str) -> None:
        with autonomous.cursor() as cursor:
            cursor.execute(
                _WRITE,
                {
                    "key": request.key,
                    "operation": request.operation,
                    "charge": request.charge or f"ch_{request.key}",
                    "amount": request.amount.amount,
                    "currency": request.amount.currency,
                    "done": done,
                    "code": code,
                },
            )
