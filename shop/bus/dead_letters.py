"""Dead letters go back to work: when they were mended, or when somebody arrives who understands them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from shop.bus import bells
from shop.bus.event import events
from shop.bus.handlers import handlers, lane_of
from shop.bus.models import DeadLetter, Delivery, Event
from shop.clock import ShopNow


@transaction.atomic(savepoint=False)
def retry(letters: Iterable[DeadLetter]) -> int:
    """Deliver dead letters anew, with fresh attempts; returns how many.

    Those whose event the log has no more stay: their copy is all there is of it.
    """
    chosen = DeadLetter.objects.filter(pk__in=[letter.pk for letter in letters], event__isnull=False)
    logged = Exists(Event.objects.filter(pk=OuterRef("event_id")))
    locked = list(chosen.filter(logged).select_for_update().order_by("pk"))
    keys = {letter.pk: str((letter.event or {})["partition_key"]) for letter in locked}
    Delivery.objects.bulk_create(
        Delivery(
            event_id=letter.event_id,
            handler=letter.handler,
            queue=letter.queue,
            lane=lane_of(letter.queue, keys[letter.pk]),
            due_at=ShopNow(),
            attempts=0,
        )
        for letter in locked
    )
    DeadLetter.objects.filter(pk__in=[letter.pk for letter in locked]).delete()
    queues = {letter.queue for letter in locked}
    transaction.on_commit(lambda: bells.ring(queues), robust=True)
    return len(locked)


def unpark() -> None:
    """Retry what was parked because nobody understood it, if this process does."""
    parked = DeadLetter.objects.filter(parked=True, handler__in=handlers, event__isnull=False)
    understood = [letter for letter in parked[:1000] if _is_understood(letter.event or {})]
    if understood:
        retry(understood)


def _is_understood(event: Mapping[str, Any]) -> bool:
    return (event["type"], event["version"]) in events
