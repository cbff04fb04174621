"""Whether there is something left to sell, as inventory tells it."""

from django.db import models


class Availability(models.Model):
    """Whether a SKU can be had now. Kept by SKU alone, since inventory may tell of one before it stands here."""

    sku = models.CharField(max_length=64, primary_key=True)
    available = models.BooleanField()

    class Meta:
        verbose_name_plural = "availability"

    def __str__(self) -> str:
        return f"{self.sku} is {'there' if self.available else 'sold out'}"
