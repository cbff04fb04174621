"""The mailbox that stands for people's mail servers in development."""

from django.db import models
from django.utils import timezone


class ReceivedMail(models.Model):
    """A mail as it would have arrived; written by the mailbox back-end only."""

    message_id = models.CharField(max_length=200)
    sender = models.CharField(max_length=254)
    recipients = models.CharField(max_length=1000)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    html = models.TextField(default="", db_default="")
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.subject} to {self.recipients}"
