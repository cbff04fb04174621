from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class BusConfig(AppConfig):
    """Finds publishers and handlers by name, as Django finds `admin`: a domain needs no code for it."""

    name = "shop.bus"
    label = "bus"

    def ready(self) -> None:
        from shop.bus import partitions, subscriptions
        from shop.bus.reading import feed

        post_migrate.connect(partitions.keep_ahead, sender=self, dispatch_uid="bus.partitions")
        post_migrate.connect(feed.adopt, sender=self, dispatch_uid="bus.feed")
        post_migrate.connect(subscriptions.note, sender=self, dispatch_uid="bus.subscriptions")
        autodiscover_modules("publishers", "handlers")
