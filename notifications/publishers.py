"""When notifications tells them."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from notifications.events import AlertOpened, NotificationFailed, NotificationRequested
from notifications.models import Alert, Message
from shop.bus import publish


@receiver(post_save, sender=Message)
def publish_notification_requested(instance: Message, **kwargs: object) -> None:
    if instance.requests > instance.was("requests", 0):
        publish(NotificationRequested.of(instance))


@receiver(post_save, sender=Message)
def publish_notification_failed(instance: Message, **kwargs: object) -> None:
    if instance.failed_at is not None and instance.was("failed_at") is None:
        publish(NotificationFailed.of(instance))


@receiver(post_save, sender=Alert)
def publish_alert_opened(instance: Alert, created: bool, **kwargs: object) -> None:  # noqa: FBT001 - Django's signal
    if created:
        publish(AlertOpened.of(instance))
