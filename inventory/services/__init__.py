"""What can be done with stock. Levels are always locked before reservations, in one sorted statement."""

from inventory.services.adjustments import MOST_PIECES as MOST_PIECES
from inventory.services.adjustments import NotPossible as NotPossible
from inventory.services.adjustments import adjust as adjust
from inventory.services.adjustments import mind as mind
from inventory.services.adjustments import open_levels as open_levels
from inventory.services.availability import show_availability as show_availability
from inventory.services.locking import lock_levels as lock_levels
from inventory.services.parcels import Parcel as Parcel
from inventory.services.parcels import restock as restock
from inventory.services.parcels import take_out as take_out
from inventory.services.reservations import Wanted as Wanted
from inventory.services.reservations import commit as commit
from inventory.services.reservations import expire as expire
from inventory.services.reservations import hold_longer as hold_longer
from inventory.services.reservations import release as release
from inventory.services.reservations import reserve as reserve
