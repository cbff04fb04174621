"""When the bus itself tells something. It writes with SQL, so who writes calls this, in the same transaction."""

from uuid import UUID

from shop.bus.events import DeadLetterOpened
from shop.bus.publishing import publish


def publish_dead_letter_opened(*, handler: str, about: UUID, kind: str, parked: bool) -> None:
    if kind != DeadLetterOpened.name:
        publish(DeadLetterOpened(handler=handler, about=about, type=kind, parked=parked))
