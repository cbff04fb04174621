"""Two facts of a lighthouse, which no domain of the product listens to: events to test the bus with."""

from shop.bus import Event, gather, publish


class LampEvent(Event, subject="lamps/{lamp}", key="lamp"):
    """What all news of a lamp carries; `number` tells one from another."""

    lamp: str
    number: int = 0


class LampLit(LampEvent, name="lamp.lit", version=1):
    """A lamp is burning; nobody has seen it yet."""


class LampPutOut(LampEvent, name="lamp.put_out", version=1):
    """A lamp is dark again."""


def light(*numbers: int, lamp: str = "a") -> None:
    """Publish that a lamp was lit, once for each number, in one transaction."""
    tell(*(LampLit(lamp=lamp, number=number) for number in numbers))


def tell(*events: Event) -> None:
    """Publish these in one transaction."""
    with gather():
        for event in events:
            publish(event)
