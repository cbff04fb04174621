"""Reading the bus: the story of an order, the feed of all events, the kinds of events, and what is still to do."""

from shop.bus import models
from shop.bus.reading.feed import Page as Page
from shop.bus.reading.feed import Place as Place
from shop.bus.reading.feed import PlaceLost as PlaceLost
from shop.bus.reading.feed import read_on as read_on
from shop.bus.reading.registry import Kind as Kind
from shop.bus.reading.registry import kinds as kinds
from shop.bus.reading.stories import Chapter as Chapter
from shop.bus.reading.stories import Reaction as Reaction
from shop.bus.reading.stories import due as due
from shop.bus.reading.stories import story as story
from shop.bus.reading.waiting import held_up as held_up

Logged = models.Event
"""An event as the log has it."""
