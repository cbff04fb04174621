"""What the REST layer remembers: answers that can be had again by their Idempotency-Key."""

from django.db import models
from django.utils import timezone


class IdempotentAnswer(models.Model):
    """The answer to a request, kept under its caller, method, path and key, in the transaction of its effect."""

    caller = models.TextField()
    target = models.TextField()
    key = models.TextField()
    body_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "target", "key"], name="answer_once_per_key")]
        indexes = [models.Index(fields=["created_at"], name="answer_age")]

    def __str__(self) -> str:
        return f"{self.target} {self.key}: {self.status}"
