"""Orders over HTTP."""

from orders.api.views.orders import OrderViewSet as OrderViewSet
