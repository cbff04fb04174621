"""Orders, their lines, and the shipments that they leave in."""

from orders.models.orders import ENDED as ENDED
from orders.models.orders import TRANSITIONS as TRANSITIONS
from orders.models.orders import Fulfilment as Fulfilment
from orders.models.orders import NextNumber as NextNumber
from orders.models.orders import Order as Order
from orders.models.orders import OrderLine as OrderLine
from orders.models.orders import Party as Party
from orders.models.orders import PaymentStatus as PaymentStatus
from orders.models.orders import Reason as Reason
from orders.models.orders import Status as Status
from orders.models.orders import StockStatus as StockStatus
from orders.models.shipments import Shipment as Shipment
from orders.models.shipments import ShipmentLine as ShipmentLine
from orders.models.shipments import ShipmentStatus as ShipmentStatus
