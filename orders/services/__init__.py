"""What can be done with orders. The order is the only one that decides about the order."""

from orders.services.cancelling import NotCancellable as NotCancellable
from orders.services.cancelling import cancel_on_request as cancel_on_request
from orders.services.deciding import cancel as cancel
from orders.services.deciding import end_overdue as end_overdue
from orders.services.deciding import note_payment as note_payment
from orders.services.deciding import note_stock as note_stock
from orders.services.forgetting import forget as forget
from orders.services.placing import NewGuest as NewGuest
from orders.services.placing import NewLine as NewLine
from orders.services.placing import NotForSale as NotForSale
from orders.services.placing import place_order as place_order
from orders.services.shipping import AlreadyDelivered as AlreadyDelivered
from orders.services.shipping import NotOrdered as NotOrdered
from orders.services.shipping import NotShippable as NotShippable
from orders.services.shipping import TooMany as TooMany
from orders.services.shipping import deliver as deliver
from orders.services.shipping import ship as ship
