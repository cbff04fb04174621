from django.urls import path

from orders.api.views import OrderViewSet

urlpatterns = [
    path("orders", OrderViewSet.as_view({"get": "list", "post": "create"})),
    path("orders/<uuid:pk>", OrderViewSet.as_view({"get": "retrieve"})),
    path("orders/<uuid:pk>/events", OrderViewSet.as_view({"get": "events"})),
]
