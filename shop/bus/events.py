"""What the bus itself tells."""

from uuid import UUID

from shop.bus.event import Event


class DeadLetterOpened(Event, name="dead_letter.opened", version=1, subject="dead-letters/{handler}", key="handler"):
    """A delivery has given up, or nobody here understands it (`parked`): somebody has to look at it.

    A dead letter of this event itself is not told: what tells of dead letters would never come to rest.
    """

    handler: str
    about: UUID
    """The event that was not handled."""
    type: str
    """Its type; nothing if the log does not have it any more."""
    parked: bool
