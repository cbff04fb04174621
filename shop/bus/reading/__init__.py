"""Reading the bus: an order's story, the feed of all events, their kinds, what is to do and who is at it."""

from shop.bus import models
from shop.bus.partitions import first_id as first_id
from shop.bus.reading.feed import Page as Page
from shop.bus.reading.feed import Place as Place
from shop.bus.reading.feed import PlaceLost as PlaceLost
from shop.bus.reading.feed import read_on as read_on
from shop.bus.reading.registry import Kind as Kind
from shop.bus.reading.registry import kinds as kinds
from shop.bus.reading.registry import publishers as publishers
from shop.bus.reading.stories import Chapter as Chapter
from shop.bus.reading.stories import Reaction as Reaction
from shop.bus.reading.stories import due as due
from shop.bus.reading.stories import story as story
from shop.bus.reading.waiting import held_up as held_up
from shop.bus.reading.work import Backlog as Backlog
from shop.bus.reading.work import Count as Count
from shop.bus.reading.work import Held as Held
from shop.bus.reading.work import backlogs as backlogs
from shop.bus.reading.work import bells_circuit as bells_circuit
from shop.bus.reading.work import counts as counts
from shop.bus.reading.work import dead_letters as dead_letters
from shop.bus.reading.work import held_back as held_back
from shop.bus.reading.work import held_lanes as held_lanes
from shop.bus.reading.work import log_begins as log_begins
from shop.bus.reading.work import oldest_due as oldest_due
from shop.bus.reading.work import room_until as room_until
from shop.bus.reading.work import told as told
from shop.bus.reading.work import unvisited as unvisited
from shop.bus.redaction import redacted as redacted

Logged = models.Event
"""An event as the log has it."""
