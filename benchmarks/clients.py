"""Whoever orders: customers with tokens, and the process that sends what they ask for."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.load import Outcome, Plan
from benchmarks.stage import CHECKOUT, Stage, StageFailed

_FRESH = 150.0  # seconds

_ADDRESS = {"name": "Ada", "line1": "1 Main Street", "city": "Berlin", "postal_code": "10115", "country": "DE"}
PAYS, PAYS_SLOWLY = "pm_card_visa", "pm_test_slow"

_SKUS = """
SELECT level.sku FROM inventory_stocklevel AS level JOIN catalogue_variant AS variant USING (sku)
WHERE level.on_hand > 1000 ORDER BY level.sku
"""


class Crowd:
    """Customers of a stage, as apps or as programs with API keys: so many that none orders again within a second."""

    def __init__(self, stage: Stage, *, customers: int, by_key: bool) -> None:
        self._stage, self.customers, self.by_key = stage, customers, by_key
        self._tokens: list[str] = []
        self._fresh_until = 0.0
        with stage.database() as database:
            self._skus = [str(sku) for (sku,) in database.execute(_SKUS)]

    def tokens(self) -> list[str]:
        """One of each customer, fresh enough: access tokens live for five minutes."""
        if time.monotonic() > self._fresh_until:
            self._tokens, self._fresh_until = self._handed_out(), time.monotonic() + _FRESH
        return self._tokens

    def _handed_out(self) -> list[str]:
        file = Path(self._stage.home.folder, "tokens")
        if self.by_key:
            self._stage.run("manage.py", "seed", "--customers", str(self.customers), "--tokens", str(file))
        else:
            self._stage.run("-m", "benchmarks.customers", str(self.customers), str(file))
        return file.read_text().split()

    def orders(self, *, method: str = PAYS, skus: Sequence[str] = ()) -> dict[str, Any]:
        """The part of a plan that says what is asked: orders of one line each, of one thing after the other."""
        return {
            "port": self._stage.port,
            "method": "POST",
            "paths": ["/api/v1/orders"],
            "bodies": [_order(sku, method) for sku in skus or self._skus],
            "tokens": self.tokens(),
            "run": uuid4().hex[:16],
        }


def _order(sku: str, method: str) -> str:
    lines = [{"sku": sku, "quantity": 1}]
    return json.dumps({"lines": lines, "currency": "EUR", "shipping_address": _ADDRESS, "payment_method": method})


def send(plan: Plan, *, expect: str) -> Outcome:
    """Have a client of its own do it. Raises `StageFailed` if anything else is answered than what is expected."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        cwd=CHECKOUT,
        input=json.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    outcome = Outcome(**json.loads(done.stdout))
    if set(outcome.statuses) != {expect}:
        raise StageFailed(f"{plan.method} {plan.paths[0]} was answered {outcome.statuses}, not {expect} only")
    return outcome
