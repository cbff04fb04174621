"""What an order and a shipment have in common: lines that are written before them and known from then on."""

from collections.abc import Iterable
from typing import Any

from django.db import models


class WithLines(models.Model):
    """Has `lines`, related by a foreign key."""

    lines: Any  # the manager that Django adds

    class Meta:
        abstract = True

    def remember_lines(self, lines: Iterable[models.Model]) -> None:
        """These are its lines, as `prefetch_related` would have found them: `lines.all()` asks nobody."""
        known = self.lines.all()
        known._result_cache = list(lines)  # noqa: SLF001 - Django has no public way to hand over what is known
        vars(self)["_prefetched_objects_cache"] = {"lines": known}
