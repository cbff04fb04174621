"""Telling the catalogue what shoppers may know."""

from collections.abc import Collection

from django.db import transaction

from inventory.models import MAIN, StockLevel
from shop.catalogue import services as catalogue


@transaction.atomic(savepoint=False)
def show_availability(*, skus: Collection[str]) -> None:
    """Show shoppers whether these SKUs can be had, as the levels are now: news may come late and out of order."""
    levels = StockLevel.objects.filter(sku__in=skus, location=MAIN)
    catalogue.note_availability(available={level.sku: level.available > 0 for level in levels})
