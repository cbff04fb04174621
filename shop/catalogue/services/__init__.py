"""What can be done with the catalogue. Whatever changes about a product, its row is locked and saved, and so told."""

from shop.catalogue.services.availability import note_availability
from shop.catalogue.services.parts import NewImage, NewVariant
from shop.catalogue.services.prices import reprice
from shop.catalogue.services.products import archive, change, create, restore
from shop.catalogue.services.taken import Taken

__all__ = [
    "NewImage",
    "NewVariant",
    "Taken",
    "archive",
    "change",
    "create",
    "note_availability",
    "reprice",
    "restore",
]
