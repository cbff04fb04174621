"""Messages to people, and the mailbox that stands for their mail servers in development."""

from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from shop.states import Guarded


class Message(Guarded):
    """One message because of one event, to one person by one channel."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event_id = models.UUIDField()
    recipient_id = models.UUIDField()
    channel = models.CharField(max_length=20, default="email")
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id", "recipient_id", "channel"], name="message_once_per_event"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.recipient_id}"


class ReceivedMail(models.Model):
    """A mail as it would have arrived; written by the mailbox back-end only."""

    message_id = models.CharField(max_length=200)
    sender = models.CharField(max_length=254)
    recipients = models.CharField(max_length=1000)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.subject} to {self.recipients}"
