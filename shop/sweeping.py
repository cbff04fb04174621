"""Rows past their time are removed by those who write such rows: now and then, a few at once, waiting for nobody."""

import random
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

CHANCE = 1 / 50
_AT_ONCE = 200


def sweep(overdue: Callable[[], QuerySet[Any]]) -> None:
    """Once in fifty calls, delete the first 200 of the rows that are past their time."""
    if random.random() < CHANCE:  # noqa: S311 - spreads the work, hides nothing
        past = overdue()
        with transaction.atomic(savepoint=False):
            some = list(past.select_for_update(skip_locked=True).values_list("pk", flat=True)[:_AT_ONCE])
            past.order_by().filter(pk__in=some).delete()
