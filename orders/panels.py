"""What orders tell on pages that belong to nobody alone."""

from datetime import UTC, datetime

from django.db.models import Count
from django.db.models.functions import TruncHour

from orders.models import Order, Status
from shop.admin.dashboard import Chart, Figure, Series, last_hours, list_of, remembered
from shop.users.models import User

_TONES = {
    Status.PLACED: "warning",
    Status.CONFIRMED: "info",
    Status.SHIPPED: "light",
    Status.DELIVERED: "success",
    Status.CANCELLED: "danger",
}
_MOST = 10_000  # counted; more is more

Counts = dict[tuple[datetime, str], int]


def on_dashboard(viewer: User) -> list[Figure | Chart]:
    """Orders of a day by hour and state, and how many wait to be shipped."""
    if not viewer.has_perm("orders.view_order"):
        return []
    hours = last_hours()
    counts = remembered("orders by hour", lambda: _by_hour_and_state(hours[0]))
    placed = sum(counts.values())
    to_ship = remembered("orders to ship", Order.objects.filter(status=Status.CONFIRMED)[:_MOST].count)
    return [
        Figure(
            title="Orders in 24 hours", value=f"{placed:,}", note=_cancelled(counts, placed), address=list_of(Order)
        ),
        Figure(
            title="To be shipped",
            value=f"{to_ship:,}" + ("+" if to_ship == _MOST else ""),
            note="confirmed",
            address=list_of(Order, status__exact=Status.CONFIRMED),
        ),
        Chart(
            title="Orders by hour and state",
            labels=[f"{hour:%H}" for hour in hours],
            series=[
                Series(name=status.label, values=[counts.get((hour, status), 0) for hour in hours], tone=_TONES[status])
                for status in Status
            ],
            note=f"{placed:,} orders since {hours[0]:%Y-%m-%d %H:%M} UTC, as they stand now.",
        ),
    ]


def _by_hour_and_state(since: datetime) -> Counts:
    """Found through the index of each state's list, without a look at the rows."""
    rows = (
        Order.objects.filter(status__in=Status.values, placed_at__gte=since)
        .annotate(hour=TruncHour("placed_at", tzinfo=UTC))
        .values_list("hour", "status")
        .order_by()
        .annotate(number=Count("*"))
    )
    return {(hour, status): number for hour, status, number in rows}


def _cancelled(counts: Counts, placed: int) -> str:
    cancelled = sum(number for (_, status), number in counts.items() if status == Status.CANCELLED)
    return f"{cancelled / placed:.0%} cancelled" if placed else "none yet"
