"""What can be done with stock. Levels are always locked before reservations, in one sorted statement."""

from inventory.services.adjustments import MOST_PIECES, NotPossible, adjust
from inventory.services.availability import show_availability
from inventory.services.reservations import Parcel, Wanted, commit, expire, lock_levels, release, reserve, take_out

__all__ = [
    "MOST_PIECES",
    "NotPossible",
    "Parcel",
    "Wanted",
    "adjust",
    "commit",
    "expire",
    "lock_levels",
    "release",
    "reserve",
    "show_availability",
    "take_out",
]
