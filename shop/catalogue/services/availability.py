"""What inventory tells of the shelves, as far as shoppers see it."""

from collections.abc import Mapping

from django.db import transaction

from shop.catalogue.models import Availability


@transaction.atomic(savepoint=False)
def note_availability(*, available: Mapping[str, bool]) -> None:
    """Keep whether each of these SKUs can be had now; told twice it is the same."""
    Availability.objects.bulk_create(
        [Availability(sku=sku, available=available[sku]) for sku in sorted(available)],
        update_conflicts=True,
        unique_fields=["sku"],
        update_fields=["available"],
    )
