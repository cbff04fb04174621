"""The story of an order as JSON: in plain words for its customer, with everything inside for staff."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from shop.bus.reading import Chapter

_IN_WORDS = {
    "order.placed": "We have received the order.",
    "stock.reserved": "Everything is in stock and reserved.",
    "stock.rejected": "Something is sold out.",
    "stock.released": "What was reserved is free again.",
    "payment.action_required": "Your bank wants you to confirm the payment.",
    "payment.authorized": "The money is held.",
    "payment.declined": "The payment was declined.",
    "order.confirmed": "The order is confirmed.",
    "payment.captured": "We have received the money.",
    "payment.capture_failed": "The money could not be taken.",
    "order.cancelled": "The order is cancelled.",
    "payment.voided": "The money is free again; none was taken.",
    "payment.refunded": "Money has been given back.",
    "order.shipped": "Goods have left.",
    "order.delivered": "Goods have arrived.",
    "order.returned": "Goods have come back.",
}
"""What is told to customers. Other events are steps in between, and the affair of staff."""


class CauseSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    type = serializers.CharField()


class ChapterSerializer(serializers.Serializer[Any]):
    """One event, with the event that led to it; null where a request did."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    time = serializers.DateTimeField()
    summary = serializers.CharField()
    caused_by = CauseSerializer(allow_null=True)


class ReactionSerializer(serializers.Serializer[Any]):
    """What one handler made of an event. `state` is `done`, `due`, `dead` or `parked`."""

    handler = serializers.CharField()
    state = serializers.CharField()
    attempts = serializers.IntegerField()
    at = serializers.DateTimeField()


class StaffChapterSerializer(serializers.Serializer[Any]):
    """One event, with all that the bus knows of it."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    subject = serializers.CharField()
    sequence = serializers.IntegerField()
    time = serializers.DateTimeField()
    causationid = serializers.CharField()
    correlationid = serializers.CharField()
    actor = serializers.CharField()
    handlers = ReactionSerializer(many=True)


def in_words(chapters: Sequence[Chapter]) -> list[dict[str, Any]]:
    """The chapters that a customer may read."""
    by_id = {str(chapter.event.id): chapter for chapter in chapters}
    return [
        {
            "id": chapter.event.id,
            "type": chapter.event.type,
            "time": chapter.event.time,
            "summary": _IN_WORDS[chapter.event.type],
            "caused_by": _cause(chapter, by_id),
        }
        for chapter in chapters
        if chapter.event.type in _IN_WORDS
    ]


def with_everything(chapters: Sequence[Chapter]) -> list[dict[str, Any]]:
    """All chapters, with what caused each and what each handler made of it."""
    return [
        {
            "id": chapter.event.id,
            "type": chapter.event.type,
            "subject": chapter.event.subject,
            "sequence": chapter.event.sequence,
            "time": chapter.event.time,
            "causationid": chapter.event.causation_id,
            "correlationid": chapter.event.correlation_id,
            "actor": chapter.event.actor,
            "handlers": [
                {"handler": each.handler, "state": each.state, "attempts": each.attempts, "at": each.at}
                for each in chapter.reactions
            ],
        }
        for chapter in chapters
    ]


def _cause(chapter: Chapter, by_id: Mapping[str, Chapter]) -> dict[str, Any] | None:
    """The nearest event before it that a customer may read of."""
    cause = by_id.get(chapter.event.causation_id)
    while cause is not None and cause.event.type not in _IN_WORDS:
        cause = by_id.get(cause.event.causation_id)
    return {"id": cause.event.id, "type": cause.event.type} if cause else None


class StorySerializer(serializers.Serializer[Any]):
    """What happened, oldest first."""

    results = ChapterSerializer(many=True)


class StaffStorySerializer(serializers.Serializer[Any]):
    """What happened, oldest first, with everything inside."""

    results = StaffChapterSerializer(many=True)
