"""When orders tells them."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from orders.events import OrderCancelled, OrderConfirmed, OrderPlaced
from orders.models import Order, Status
from shop.bus import publish


@receiver(post_save, sender=Order)
def publish_order_placed(instance: Order, **kwargs: object) -> None:
    if instance.just_became(status=Status.PLACED):
        publish(OrderPlaced.of(instance))


@receiver(post_save, sender=Order)
def publish_order_confirmed(instance: Order, **kwargs: object) -> None:
    if instance.just_became(status=Status.CONFIRMED):
        publish(OrderConfirmed.of(instance))


@receiver(post_save, sender=Order)
def publish_order_cancelled(instance: Order, **kwargs: object) -> None:
    if instance.just_became(status=Status.CANCELLED):
        publish(OrderCancelled.of(instance))
