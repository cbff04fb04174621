"""What the bus tells on the dashboard: what gave up, and what is due where, and for how long."""

from shop.admin.dashboard import Chart, Figure, Series, list_of, remembered
from shop.bus.models import DeadLetter, Delivery
from shop.bus.reading import work
from shop.users.models import User

_LATE = 60.0  # seconds that what is due may wait before it is told in red
_MOST = 10_000  # dead letters that are counted


def on_dashboard(viewer: User) -> list[Figure | Chart]:
    """Dead letters, due work, and its age per queue."""
    cards: list[Figure | Chart] = []
    if viewer.has_perm("bus.view_deadletter"):
        cards.append(_dead_letters())
    if viewer.has_perm("bus.view_delivery"):
        cards += _due_work()
    return cards


def _dead_letters() -> Figure:
    number = sum(remembered("dead letters", work.dead_letters).values())
    return Figure(
        title="Dead letters",
        value=f"{number:,}" + ("+" if number == _MOST else ""),
        note="to look at" if number else "none",
        tone="danger" if number else "success",
        address=list_of(DeadLetter),
        comes_last=True,
    )


def _due_work() -> list[Figure | Chart]:
    backlogs = remembered("backlogs", work.backlogs)
    due, age = sum(each.due for each in backlogs), max((each.age for each in backlogs if each.due), default=0.0)
    queues, page = [each.queue for each in backlogs], list_of(Delivery)
    is_late = age > _LATE
    return [
        Figure(
            title="Due work",
            value=str(due),
            note=f"oldest {age:.0f} s" if due else "nothing waits",
            tone="danger" if is_late else "success",
            address=page,
            comes_last=True,
        ),
        Chart(
            title="Due work per queue",
            labels=queues,
            series=[Series(name="deliveries", values=[each.due for each in backlogs])],
            note=f"{due} deliveries are due now.",
            is_lying=True,
            comes_last=True,
        ),
        Chart(
            title="Its age per queue",
            labels=queues,
            series=[Series(name="seconds", values=[round(each.age, 1) for each in backlogs], tone="warning")],
            note=f"Seconds since the oldest was due; {age:.0f} at most.",
            is_lying=True,
            comes_last=True,
        ),
    ]
