"""Stock in the admin: what lies where, changed by a difference and with a reason; the book of it to read."""

from inventory.admin.book import AdjustmentAdmin as AdjustmentAdmin
from inventory.admin.book import ReservationAdmin as ReservationAdmin
from inventory.admin.levels import StockLevelAdmin as StockLevelAdmin
