from django.urls import path

from payments.api import views

urlpatterns = [
    path("payments", views.PaymentViewSet.as_view({"get": "list"})),
    path("payments/<uuid:pk>", views.PaymentViewSet.as_view({"get": "retrieve"})),
    path("payments/<uuid:pk>/confirmation", views.PaymentViewSet.as_view({"post": "confirm"})),
    path("payments/<uuid:pk>/refunds", views.RefundViewSet.as_view({"get": "list", "post": "create"})),
    path("payments/<uuid:pk>/refunds/<uuid:refund>", views.RefundViewSet.as_view({"get": "retrieve"})),
]
