"""What the old release does."""

from shop.bus import subscribe
from tests.bus.releases.old.tour.events import TicketSold, VanLoaded
from tests.bus.stage import notes


@subscribe(TicketSold)
def print_ticket(event: TicketSold) -> None:
    notes.make(f"old: {event.price} euros", event.number, event.event_id)


@subscribe(VanLoaded)
def drive(event: VanLoaded) -> None:
    notes.make("old: drive", event.number, event.event_id)


@subscribe(VanLoaded)
def wave(event: VanLoaded) -> None:
    notes.make("old: wave", event.number, event.event_id)
