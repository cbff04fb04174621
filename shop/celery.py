"""The Celery application: `celery -A shop worker -Q inventory,inventory.out`."""

import os

os.environ.setdefault("SHOP_ROLE", "worker")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["shop.bus"])


@app.on_after_finalize.connect
def _add_sweep(sender: Celery, **_signal: object) -> None:
    from shop.bus.sweep import Sweep

    sender.steps["consumer"].add(Sweep)
