"""Orders, their lines, the shipments that they leave in, and what comes back."""

from orders.models.orders import NextNumber as NextNumber
from orders.models.orders import Order as Order
from orders.models.orders import OrderLine as OrderLine
from orders.models.returns import Return as Return
from orders.models.returns import ReturnLine as ReturnLine
from orders.models.returns import ReturnStatus as ReturnStatus
from orders.models.shipments import Shipment as Shipment
from orders.models.shipments import ShipmentLine as ShipmentLine
from orders.models.shipments import ShipmentStatus as ShipmentStatus
from orders.models.states import ENDED as ENDED
from orders.models.states import TRANSITIONS as TRANSITIONS
from orders.models.states import Fulfilment as Fulfilment
from orders.models.states import Party as Party
from orders.models.states import PaymentStatus as PaymentStatus
from orders.models.states import Reason as Reason
from orders.models.states import Returned as Returned
from orders.models.states import Status as Status
from orders.models.states import StockStatus as StockStatus
