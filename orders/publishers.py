"""When orders tells them."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from orders.events import OrderCancelled, OrderConfirmed, OrderDelivered, OrderPlaced, OrderReturned, OrderShipped
from orders.models import Order, Return, ReturnStatus, Shipment, ShipmentStatus, Status
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


@receiver(post_save, sender=Shipment)
def publish_order_shipped(instance: Shipment, **kwargs: object) -> None:
    if instance.just_became(status=ShipmentStatus.SHIPPED):
        publish(OrderShipped.of(instance))


@receiver(post_save, sender=Shipment)
def publish_order_delivered(instance: Shipment, **kwargs: object) -> None:
    if instance.just_became(status=ShipmentStatus.DELIVERED):
        publish(OrderDelivered.of(instance))


@receiver(post_save, sender=Return)
def publish_order_returned(instance: Return, **kwargs: object) -> None:
    if instance.just_became(status=ReturnStatus.RECEIVED):
        publish(OrderReturned.of(instance))
