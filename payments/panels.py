"""What payments tell on pages that belong to nobody alone."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from django.db import connection

from shop.admin.dashboard import Chart, Figure, Series, last_hours, remembered
from shop.money import Money
from shop.users.models import User

_COLOURS = ("", "info", "success", "warning")

Kept = dict[str, dict[datetime, int]]


def on_dashboard(viewer: User) -> list[Figure | Chart]:
    """The money that the orders of a day have brought, by hour."""
    if not viewer.has_perm("payments.view_payment"):
        return []
    hours = last_hours()
    kept = remembered("revenue", lambda: _kept_by_hour(hours[0]))
    sums = {currency: sum(by_hour.values()) for currency, by_hour in kept.items()}
    told = " and ".join(str(Money(amount, currency)) for currency, amount in sums.items()) or "nothing"
    return [
        Figure(title="Revenue in 24 hours", value=told, note="taken, less what was given back"),
        Chart(
            title="Revenue by hour",
            labels=[f"{hour:%H}" for hour in hours],
            series=[
                Series(
                    name=currency,
                    values=[_whole(Money(by_hour.get(hour, 0), currency)) for hour in hours],
                    tone=_COLOURS[place % len(_COLOURS)],
                )
                for place, (currency, by_hour) in enumerate(kept.items())
            ],
            note=f"{told}, of orders placed since {hours[0]:%Y-%m-%d %H:%M} UTC.",
        ),
    ]


# An id holds the moment that it was made in, so its index finds those of a day. A volatile function would be asked for
# each row, and so is asked once, below.
_KEPT = """
SELECT currency, date_trunc('hour', uuid_extract_timestamp(id), 'UTC'), sum(captured - refunded)
FROM payments_payment
WHERE id >= (SELECT uuidv7(%s - now())) AND captured > refunded
GROUP BY 1, 2 ORDER BY 1, 2
"""


def _kept_by_hour(since: datetime) -> Kept:
    kept: Kept = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [since])
        for currency, hour, amount in cursor.fetchall():
            kept[currency][hour] = int(amount)
    return dict(kept)


def _whole(money: Money) -> float:
    """In whole units, as it is written."""
    return float(Decimal(str(money).partition(" ")[0]))
