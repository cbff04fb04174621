"""The bus in the admin: what happened, what gave up, what is still to do. History is to be read only."""

from shop.bus.admin.dead_letters import DeadLetterAdmin as DeadLetterAdmin
from shop.bus.admin.events import EventAdmin as EventAdmin
from shop.bus.admin.work import DeliveryAdmin as DeliveryAdmin
