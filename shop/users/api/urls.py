from django.urls import path

from shop.users.api.keys import ApiKeyViewSet

urlpatterns = [
    path("api-keys", ApiKeyViewSet.as_view({"get": "list", "post": "create"})),
    path("api-keys/<uuid:pk>", ApiKeyViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
]
