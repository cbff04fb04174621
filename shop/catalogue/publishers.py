"""When the catalogue tells them."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from shop.bus import publish
from shop.catalogue.events import ProductArchived, ProductCreated, ProductUpdated
from shop.catalogue.models import Product


@receiver(post_save, sender=Product)
def publish_product_created(instance: Product, **kwargs: object) -> None:
    if _is_new(instance):
        publish(ProductCreated.of(instance))


@receiver(post_save, sender=Product)
def publish_product_updated(instance: Product, **kwargs: object) -> None:
    changed = instance.changes() - {"version"}
    if changed and not _is_new(instance) and not instance.just_became(active=False):
        publish(ProductUpdated.of(instance))


@receiver(post_save, sender=Product)
def publish_product_archived(instance: Product, **kwargs: object) -> None:
    if instance.just_became(active=False) and not _is_new(instance):
        publish(ProductArchived.of(instance))


def _is_new(product: Product) -> bool:
    return product.was("id") is None
