from django.urls import path

from notifications.api.views import MessageViewSet, PreferenceViewSet

urlpatterns = [
    path("notifications", MessageViewSet.as_view({"get": "list"})),
    path("notifications/preferences", PreferenceViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("notifications/<uuid:pk>", MessageViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
]
