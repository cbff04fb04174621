from django.urls import path

from orders.api import views

urlpatterns = [
    path("orders", views.OrderViewSet.as_view({"get": "list", "post": "create"})),
    path("orders/<uuid:pk>", views.OrderViewSet.as_view({"get": "retrieve"})),
    path("orders/<uuid:pk>/cancellation", views.CancellationViewSet.as_view({"get": "retrieve", "post": "create"})),
    path("orders/<uuid:pk>/guest", views.OrderGuestViewSet.as_view({"delete": "destroy"})),
    path("orders/<uuid:pk>/events", views.OrderEventViewSet.as_view({"get": "index"})),
    path("orders/<uuid:pk>/shipments", views.ShipmentViewSet.as_view({"get": "list", "post": "create"})),
    path("orders/<uuid:pk>/shipments/<uuid:shipment>", views.ShipmentViewSet.as_view({"get": "retrieve"})),
    path("orders/<uuid:pk>/shipments/<uuid:shipment>/delivery", views.ShipmentViewSet.as_view({"post": "deliver"})),
    path("orders/<uuid:pk>/returns", views.ReturnViewSet.as_view({"get": "list", "post": "create"})),
    path("orders/<uuid:pk>/returns/<uuid:returned>", views.ReturnViewSet.as_view({"get": "retrieve"})),
    path("orders/<uuid:pk>/returns/<uuid:returned>/receipt", views.ReturnViewSet.as_view({"post": "receive"})),
    path("orders/<uuid:pk>/returns/<uuid:returned>/withdrawal", views.ReturnViewSet.as_view({"post": "withdraw"})),
]
