"""The tables of the bus: the log of events, the work still to do, what was done, and what gave up."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class SettledAfter(models.Func):
    """The number of the transaction after whose end, and that of all before it, no reader can miss this row."""

    function = "bus_settled_after"
    output_field = models.BigIntegerField()


class NextPosition(models.Func):
    """Numbers rows in the order in which they are written."""

    template = "nextval('bus_event_position')"
    output_field = models.BigIntegerField()


class Event(models.Model):
    """The log: what happened, append-only. Partitioned by week; see `partitions`.

    `settled_after` and `position` are the order of the feed; the database fills them in.
    """

    id = models.UUIDField(primary_key=True)
    type = models.TextField()
    version = models.PositiveSmallIntegerField()
    source = models.TextField()
    subject = models.TextField()
    sequence = models.BigIntegerField()
    partition_key = models.TextField()
    time = models.DateTimeField()
    correlation_id = models.TextField()
    causation_id = models.TextField()
    actor = models.TextField()
    traceparent = models.TextField()
    data = models.JSONField()
    settled_after = models.BigIntegerField(db_default=SettledAfter())
    position = models.BigIntegerField(db_default=NextPosition())

    class Meta:
        indexes = [
            models.Index(fields=["partition_key", "id"], name="bus_event_story"),
            models.Index(fields=["settled_after", "position"], name="bus_event_feed"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject} #{self.sequence}"


class Delivery(models.Model):
    """Work still to do: one row per event and handler, deleted when done.

    There is no foreign key to the event: it would cost a lock and an index, and the same transaction wrote both.
    """

    seq = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField()
    handler = models.TextField()
    queue = models.TextField()
    lane = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(db_default=0)
    error = models.TextField(null=True)  # noqa: DJ001 - null costs no byte in a table kept narrow
    amended = models.JSONField(null=True)
    """The payload that somebody put right, where it is not the one that was told."""

    class Meta:
        verbose_name_plural = "work to do"
        indexes = [models.Index(fields=["queue", "lane", "due_at", "seq"], name="bus_delivery_due")]

    def __str__(self) -> str:
        return f"{self.handler} of {self.event_id}, attempt {self.attempts}"


class Receipt(models.Model):
    """What was done: written with the effects, so that it is the inbox as well. Partitioned like the log."""

    pk = models.CompositePrimaryKey("event_id", "handler")
    event_id = models.UUIDField()
    handler = models.TextField()
    attempts = models.PositiveSmallIntegerField()
    done_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.handler} has done {self.event_id}"


class DeadLetter(models.Model):
    """A delivery that gave up, or that nobody here understands (`parked`). It carries a copy of its event."""

    event_id = models.UUIDField()
    handler = models.TextField()
    queue = models.TextField()
    attempts = models.PositiveSmallIntegerField()
    parked = models.BooleanField()
    error = models.TextField()
    event = models.JSONField(null=True)
    died_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["handler", "id"], name="bus_dead_by_handler"),
            models.Index(fields=["queue", "id"], name="bus_dead_by_queue"),
            models.Index(fields=["event_id"], name="bus_dead_by_event"),
            models.Index(fields=["died_at"], name="bus_dead_by_time"),
            models.Index(fields=["id"], condition=models.Q(parked=True), name="bus_dead_parked"),
        ]

    def __str__(self) -> str:
        return f"{self.handler} of {self.event_id}"


class Subject(models.Model):
    """How many events a subject has had: the last `sequence` given out."""

    name = models.TextField(primary_key=True)
    sequence = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.name} #{self.sequence}"


class Subscription(models.Model):
    """Since when a handler is to have heard all that is told."""

    handler = models.TextField(primary_key=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.handler} since {self.since}"


class Horizon(models.Model):
    """Where the log begins: nothing from before this id is kept, or may be delivered. One row, or none yet."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    first_id = models.UUIDField()

    class Meta:
        verbose_name_plural = "horizon"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="bus_horizon_is_one")]

    def __str__(self) -> str:
        return str(self.first_id)


class Marker(models.Model):
    """Which deliveries a drain has in hand. One that outlives its drain tells that the drain died of them."""

    pk = models.CompositePrimaryKey("queue", "lane")
    queue = models.TextField()
    lane = models.PositiveSmallIntegerField()
    seqs = ArrayField(models.BigIntegerField())
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.queue}/{self.lane}: {len(self.seqs)} in hand"


class Tally(models.Model):
    """How often a handler was run and how that ended, counted in the transactions that did it: no more and no less.

    A row per lane, which one drain has at a time, so that nobody waits for another to count.
    """

    pk = models.CompositePrimaryKey("handler", "lane")
    handler = models.TextField()
    lane = models.PositiveSmallIntegerField()
    handled = models.BigIntegerField(db_default=0)
    failed = models.BigIntegerField(db_default=0)
    put_off = models.BigIntegerField(db_default=0)
    buried = models.BigIntegerField(db_default=0)
    seconds = models.FloatField(db_default=0)
    """From the event to the end of its handler, in sum."""
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.handler}/{self.lane}: {self.handled} handled, {self.failed} failed"
