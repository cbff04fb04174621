"""When payments tells them."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from payments.events import (
    AttemptOpened,
    PaymentActionRequired,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentCaptureFailed,
    PaymentDeclined,
    PaymentRefunded,
    PaymentVoided,
)
from payments.models import Attempt, Outcome, Payment, Refund, RefundStatus, Status
from shop.bus import publish


@receiver(post_save, sender=Attempt)
def publish_attempt_opened(instance: Attempt, **kwargs: object) -> None:
    if instance.just_became(outcome=Outcome.OPEN):
        publish(AttemptOpened.of(instance))


@receiver(post_save, sender=Payment)
def publish_payment_action_required(instance: Payment, **kwargs: object) -> None:
    if instance.just_became(status=Status.ACTION_REQUIRED):
        publish(PaymentActionRequired.of(instance))


@receiver(post_save, sender=Payment)
def publish_payment_authorized(instance: Payment, **kwargs: object) -> None:
    if instance.just_became(status=Status.AUTHORIZED):
        publish(PaymentAuthorized.of(instance))


@receiver(post_save, sender=Payment)
def publish_payment_declined(instance: Payment, **kwargs: object) -> None:
    if instance.just_became(status=Status.DECLINED):
        publish(PaymentDeclined.of(instance))


@receiver(post_save, sender=Payment)
def publish_payment_captured(instance: Payment, **kwargs: object) -> None:
    if instance.just_became(status=Status.CAPTURED):
        publish(PaymentCaptured.of(instance))


@receiver(post_save, sender=Payment)
def publish_payment_capture_failed(instance: Payment, **kwargs: object) -> None:
    if instance.just_became(status=Status.CAPTURE_FAILED):
        publish(PaymentCaptureFailed.of(instance))


@receiver(post_save, sender=Payment)
def publish_payment_voided(instance: Payment, **kwargs: object) -> None:
    if instance.just_became(status=Status.VOIDED):
        publish(PaymentVoided.of(instance))


@receiver(post_save, sender=Refund)
def publish_payment_refunded(instance: Refund, **kwargs: object) -> None:
    if instance.just_became(status=RefundStatus.SUCCEEDED):
        publish(PaymentRefunded.of_refund(instance))
