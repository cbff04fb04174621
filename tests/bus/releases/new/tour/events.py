"""What the tour tells now: tickets are sold in any currency, and in cents."""

from shop.bus import Event, upcast


class TourEvent(Event, subject="tours/{town}", key="town"):
    """What all news of a tour carries; `number` tells one from another."""

    town: str
    number: int = 0


class TicketSoldV1(TourEvent, name="ticket.sold", version=1):
    """Somebody has bought a ticket; it has not been printed. Told until there were other currencies than the euro."""

    price: int = 0


class TicketSold(TourEvent, name="ticket.sold", version=2):
    """Somebody has bought a ticket; it has not been printed."""

    cents: int = 0
    currency: str = "EUR"


@upcast
def prices_were_in_euros(old: TicketSoldV1) -> TicketSold:
    return TicketSold(town=old.town, number=old.number, cents=100 * old.price, currency="EUR")


class VanLoaded(TourEvent, name="van.loaded", version=1):
    """All is in the van; it has not left."""
