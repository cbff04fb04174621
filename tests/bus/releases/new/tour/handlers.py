"""What the new release does: one handler has another name in the code, and one is no more."""

from shop.bus import subscribe
from tests.bus.releases.new.tour.events import TicketSold, VanLoaded
from tests.bus.stage import notes


@subscribe(TicketSold)
def print_ticket(event: TicketSold) -> None:
    notes.make(f"new: {event.cents} {event.currency}", event.number, event.event_id)


@subscribe(VanLoaded, name="tour.drive")
def set_out(event: VanLoaded) -> None:
    notes.make("new: set out", event.number, event.event_id)
