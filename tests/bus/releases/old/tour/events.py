"""What the tour told before tickets had a currency."""

from shop.bus import Event


class TourEvent(Event, subject="tours/{town}", key="town"):
    """What all news of a tour carries; `number` tells one from another."""

    town: str
    number: int = 0


class TicketSold(TourEvent, name="ticket.sold", version=1):
    """Somebody has bought a ticket; it has not been printed."""

    price: int = 0
    """In euros: there was nothing else."""


class VanLoaded(TourEvent, name="van.loaded", version=1):
    """All is in the van; it has not left."""
