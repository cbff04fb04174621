"""When inventory tells them."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from inventory.events import AvailabilityChanged, StockChanged, StockLow, StockRejected, StockReleased, StockReserved
from inventory.models import Reservation, State, StockLevel
from shop.bus import publish


@receiver(post_save, sender=Reservation)
def publish_stock_reserved(instance: Reservation, **kwargs: object) -> None:
    if instance.just_became(state=State.HELD):
        publish(StockReserved.of(instance))


@receiver(post_save, sender=Reservation)
def publish_stock_rejected(instance: Reservation, **kwargs: object) -> None:
    if instance.just_became(state=State.REJECTED):
        publish(StockRejected.of(instance))


@receiver(post_save, sender=Reservation)
def publish_stock_released(instance: Reservation, **kwargs: object) -> None:
    if instance.just_became(state=State.RELEASED):
        publish(StockReleased.of(instance))


@receiver(post_save, sender=StockLevel)
def publish_stock_changed(instance: StockLevel, **kwargs: object) -> None:
    if instance.changes() & {"on_hand", "reserved"}:
        publish(StockChanged.of(instance))


@receiver(post_save, sender=StockLevel)
def publish_availability_changed(instance: StockLevel, **kwargs: object) -> None:
    was_available = instance.was("on_hand", 0) > instance.was("reserved", 0)
    if was_available != (instance.available > 0):
        publish(AvailabilityChanged.of(instance))


@receiver(post_save, sender=StockLevel)
def publish_stock_low(instance: StockLevel, **kwargs: object) -> None:
    if instance.is_low and not instance.was_low:
        publish(StockLow.of(instance))
