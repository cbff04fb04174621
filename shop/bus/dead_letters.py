"""Dead letters go back to work: when they were mended, or when somebody arrives who understands them.

What nobody will ever do is let go: a receipt with no attempt stands for it, so that no replay brings it back.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Exists, OuterRef

from shop.bus import bells, horizon
from shop.bus.deliveries import NotUnderstood, understood
from shop.bus.event import UnknownEvent, event_type
from shop.bus.handlers import handlers, lane_of
from shop.bus.models import DeadLetter, Delivery, Event, Receipt
from shop.clock import ShopNow

log = logging.getLogger(__name__)

_PART = 1000  # letters that are retried in one transaction


class NotAmendable(ValueError):
    """An event cannot be put right in this way."""


@transaction.atomic(savepoint=False)
def retry(letters: Iterable[DeadLetter]) -> int:
    """Deliver dead letters anew, with fresh attempts; returns how many.

    Those whose event the log has no more stay: their copy is all there is of it.
    """
    locked = _locked(letter.pk for letter in letters)
    Delivery.objects.bulk_create(_delivery(letter) for letter in locked)
    DeadLetter.objects.filter(pk__in=[letter.pk for letter in locked]).delete()
    queues = {letter.queue for letter in locked}
    transaction.on_commit(lambda: bells.ring(queues), robust=True)
    return len(locked)


@transaction.atomic(savepoint=False)
def amend(*, letter: DeadLetter, data: Mapping[str, Any]) -> None:
    """Deliver a dead letter, which is locked, with another payload; the log keeps what was told.

    Raises `NotAmendable` where this is no such event, or would be one of another subject.
    """
    known = letter.event or {}
    _check(known, data, letter.event_id)
    letter.event = known | {"data": dict(data), "amended": True}
    letter.save(update_fields=["event"])
    if not retry([letter]):
        raise NotAmendable("The log has this event no more.")


@transaction.atomic(savepoint=False)
def let_go(letters: Iterable[DeadLetter]) -> int:
    """Nobody shall do these any more; returns how many."""
    locked = list(
        DeadLetter.objects.filter(pk__in=[letter.pk for letter in letters]).select_for_update().order_by("pk")
    )
    in_log = set(Event.objects.filter(pk__in=[letter.event_id for letter in locked]).values_list("pk", flat=True))
    receipts = [
        Receipt(event_id=letter.event_id, handler=letter.handler, attempts=0, done_at=ShopNow())
        for letter in locked
        if letter.event_id in in_log
    ]
    Receipt.objects.bulk_create(receipts, ignore_conflicts=True)
    DeadLetter.objects.filter(pk__in=[letter.pk for letter in locked]).delete()
    return len(locked)


def unpark(*, after: timedelta = timedelta(0)) -> None:
    """Retry what was parked this long ago because nobody understood it, if this process does.

    Beside a process that does not, which may take it up and park it again, a letter goes round once in that time.
    """
    parked = DeadLetter.objects.filter(
        parked=True, handler__in=handlers, event__isnull=False, died_at__lte=ShopNow() - after
    )
    letters = parked.order_by("id").iterator(chunk_size=_PART)
    while part := list(islice(letters, _PART)):
        logged = Event.objects.in_bulk([letter.event_id for letter in part])
        known = [letter for letter in part if letter.event_id in logged and _is_understood(letter, logged)]
        if known:
            retry(known)


def _locked(keys: Iterable[int]) -> list[DeadLetter]:
    chosen = DeadLetter.objects.filter(pk__in=list(keys), event__isnull=False, event_id__gte=horizon.held())
    logged = Exists(Event.objects.filter(pk=OuterRef("event_id")))
    return list(chosen.filter(logged).select_for_update().order_by("pk"))


def _delivery(letter: DeadLetter) -> Delivery:
    """With the letter's own payload if somebody has amended it, and else as the log has it by then."""
    event = letter.event or {}
    return Delivery(
        event_id=letter.event_id,
        handler=letter.handler,
        queue=letter.queue,
        lane=lane_of(letter.queue, str(event["partition_key"])),
        due_at=ShopNow(),
        attempts=0,
        amended=event["data"] if event.get("amended") else None,
    )


def _check(known: Mapping[str, Any], data: Mapping[str, Any], event_id: UUID) -> None:
    try:
        event = event_type(known.get("type", ""), known.get("version", 0)).decode(msgspec.json.encode(data), event_id)
    except (UnknownEvent, ValueError, RecursionError) as error:
        raise NotAmendable(str(error)) from error
    if (event.subject, event.key) != (known["subject"], known["partition_key"]):
        raise NotAmendable(f"It would be about {event.subject}, and it is about {known['subject']}.")


def _is_understood(letter: DeadLetter, logged: Mapping[UUID, Event]) -> bool:
    """Whether this process would understand what `retry` delivers."""
    event, amended = logged[letter.event_id], _delivery(letter).amended
    payload = msgspec.json.encode(event.data if amended is None else amended)
    try:
        understood(handlers[letter.handler], event.type, event.version, payload, event.pk)
    except NotUnderstood:
        return False
    except Exception as error:  # noqa: BLE001 - of an upcaster; the attempts that it is given again will tell
        log.warning("%s will fail with %s: %r", letter.handler, letter.event_id, error)
    return True
