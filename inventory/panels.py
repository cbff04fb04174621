"""What stock tells on pages that belong to nobody alone."""

from uuid import UUID

from django.db.models import F
from django.urls import reverse

from inventory.models import Movement, Reservation, State, StockLevel
from shop.admin.dashboard import Figure, Listing, list_of, remembered
from shop.admin.panels import Fact, Link, Panel
from shop.admin.tones import TONES
from shop.users.models import User

_MOST = 1_000  # counted; more is more
_SHOWN = 8

Low = list[tuple[str, str, int, int]]


def on_dashboard(viewer: User) -> list[Figure | Listing]:
    """What is low, the emptiest first."""
    if not viewer.has_perm("inventory.view_stocklevel"):
        return []
    low = remembered("low stock", _low)
    cards: list[Figure | Listing] = [
        Figure(
            title="Low stock",
            value=f"{len(low):,}" + ("+" if len(low) == _MOST else ""),
            note="to be ordered" if low else "nothing is low",
            tone="warning" if low else "success",
            address=list_of(StockLevel),
        )
    ]
    if low:
        cards.append(Listing(title="Low stock", headers=["SKU", "Place", "Available", "Low at"], rows=low[:_SHOWN]))
    return cards


def _low() -> Low:
    levels = StockLevel.objects.annotate(free=F("on_hand") - F("reserved"))
    low = levels.filter(low_at__gt=0, low_at__gte=F("free")).order_by("free", "sku")
    return list(low.values_list("sku", "location", "free", "low_at")[:_MOST])


def about_order(order_id: UUID, viewer: User) -> list[Panel]:
    """What is held for an order, and what has come and gone because of it."""
    if not viewer.has_perm("inventory.view_reservation"):
        return []
    moved = [
        Fact(name=f"{movement.sku}, {movement.get_cause_display()}", value=f"{movement.delta:+}")
        for movement in Movement.objects.filter(order_id=order_id).order_by("moved_at")
    ]
    found = Reservation.objects.filter(order_id=order_id).prefetch_related("lines")
    return [_panel(reservation, moved) for reservation in found]


def _panel(reservation: Reservation, moved: list[Fact]) -> Panel:
    held = [
        Fact(name=f"{line.sku}, held", value=line.held)
        for line in reservation.lines.all()
        if reservation.holds and line.held
    ]
    until = [Fact(name="Held until", value=reservation.expires_at)] if reservation.state == State.HELD else []
    lacking = [Fact(name="Lacking", value=str(each), tone="danger") for each in reservation.lacking]
    return Panel(
        title="Stock",
        state=reservation.get_state_display(),
        tone=TONES.get(reservation.state, ""),
        facts=[*held, *until, *lacking, *moved],
        links=[Link(title="Reservation", address=reverse("admin:inventory_reservation_change", args=[reservation.pk]))],
    )
