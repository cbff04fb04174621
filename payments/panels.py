"""What payments tell on pages that belong to nobody alone."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.urls import reverse

from payments.models import Attempt, Payment
from payments.services import refundable
from shop.admin.dashboard import Chart, Figure, Series, last_hours, list_of, remembered
from shop.admin.panels import Fact, Link, Panel, Step
from shop.admin.tones import TONES
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
        Figure(
            title="Revenue in 24 hours",
            value=told,
            note="taken, less what was given back",
            address=list_of(Payment),
        ),
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


def about_order(order_id: UUID, viewer: User) -> list[Panel]:
    """Where an order's money is, and every call to the gateway about it."""
    if not viewer.has_perm("payments.view_payment"):
        return []
    payments = Payment.objects.filter(order_id=order_id).prefetch_related("attempts__refund", "refunds")
    return [_panel(payment, viewer) for payment in payments]


def _panel(payment: Payment, viewer: User) -> Panel:
    address = reverse("admin:payments_payment_change", args=[payment.pk])
    links = [Link(title="Payment", address=address)]
    if viewer.has_perm("payments.add_refund") and refundable(payment):
        links.append(Link(title="Refund", address=reverse("admin:payments_payment_refund", args=[payment.pk])))
    facts = [
        Fact(name="Amount", value=payment.money),
        Fact(name="Taken", value=Money(payment.captured, payment.currency)),
        Fact(name="Given back", value=Money(payment.refunded, payment.currency)),
        Fact(name="Declined", value=payment.decline_code, tone="danger"),
        Fact(name="Customer acts until", value=payment.action_until),
    ]
    return Panel(
        title="Money",
        state=payment.get_status_display(),
        tone=TONES.get(payment.status, ""),
        facts=[fact for fact in facts if fact.value],
        steps=[_step(attempt, payment) for attempt in payment.attempts.all()],
        links=links,
    )


def _step(attempt: Attempt, payment: Payment) -> Step:
    attempt.payment = payment
    facts = [
        Fact(name="amount", value=Money(attempt.amount, payment.currency)),
        Fact(name="answered", value=attempt.settled_at),
        Fact(name="code", value=attempt.code),
        Fact(name="late answers", value=len(attempt.late_answers)),
    ]
    return Step(
        at=attempt.created_at,
        title=f"gateway: {attempt.operation}",
        state=attempt.outcome,
        tone=TONES.get(attempt.outcome, ""),
        facts=[fact for fact in facts if fact.value],
    )
