"""The Celery application: `celery -A shop worker -Q inventory,inventory.out`."""

import os
from logging.config import dictConfig

os.environ.setdefault("SHOP_ROLE", "worker")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

from celery import Celery, signals

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["shop.bus"])


@signals.setup_logging.connect
def _log_as_everybody_does(**_signal: object) -> None:
    """With somebody connected here, Celery leaves loggers, levels and streams as the settings have them."""
    from django.conf import settings

    dictConfig(settings.LOGGING)


@signals.worker_process_init.connect
def _limit_memory(**_signal: object) -> None:
    from shop.bus import memory

    memory.limit()


@app.on_after_finalize.connect
def _add_sweep(sender: Celery, **_signal: object) -> None:
    from shop.bus.sweep import Sweep

    sender.steps["consumer"].add(Sweep)
