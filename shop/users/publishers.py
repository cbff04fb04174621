"""When accounts tell them."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from shop.bus import publish
from shop.users.events import AccountMailWritten, GuestNoted, UserErased, UserRegistered, UserUpdated
from shop.users.models import AccountMail, Guest, User

_TOLD = {"name", "email", "language", "marketing"}


@receiver(post_save, sender=User)
def publish_user_registered(instance: User, **kwargs: object) -> None:
    if instance.registered_at is not None and instance.was("registered_at") is None:
        publish(UserRegistered.of(instance))


@receiver(post_save, sender=User)
def publish_user_updated(instance: User, created: bool, **kwargs: object) -> None:  # noqa: FBT001 - Django's signal
    changed = set() if created or instance.is_erased else instance.changes() & _TOLD
    if changed:
        publish(UserUpdated.of(instance, changed))


@receiver(post_save, sender=User)
def publish_user_erased(instance: User, **kwargs: object) -> None:
    if instance.is_erased and instance.was("erased_at") is None:
        publish(UserErased.of(instance))


@receiver(post_save, sender=Guest)
def publish_guest_noted(instance: Guest, **kwargs: object) -> None:
    if instance.just_became(erased_at=None):
        publish(GuestNoted.of(instance))


@receiver(post_save, sender=Guest)
def publish_guest_erased(instance: Guest, **kwargs: object) -> None:
    if instance.is_erased and instance.was("erased_at") is None:
        publish(UserErased.of(instance))


@receiver(post_save, sender=AccountMail)
def publish_account_mail_written(instance: AccountMail, **kwargs: object) -> None:
    if instance.just_became(closed_at=None):
        publish(AccountMailWritten.of(instance))
