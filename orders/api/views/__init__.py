"""Orders over HTTP."""

from orders.api.views.cancellations import CancellationViewSet as CancellationViewSet
from orders.api.views.events import OrderEventViewSet as OrderEventViewSet
from orders.api.views.guests import OrderGuestViewSet as OrderGuestViewSet
from orders.api.views.orders import OrderViewSet as OrderViewSet
from orders.api.views.returns import ReturnViewSet as ReturnViewSet
from orders.api.views.shipments import ShipmentViewSet as ShipmentViewSet
