"""`/_allauth/`: allauth's own addresses, but for one that told too much."""

from allauth.headless.constants import Client
from django.urls import include, path

from shop.users.resets import ResetPasswordView

urlpatterns = [
    path("app/v1/auth/password/reset", ResetPasswordView.as_api_view(client=Client.APP)),
    path("browser/v1/auth/password/reset", ResetPasswordView.as_api_view(client=Client.BROWSER)),
    path("", include("allauth.headless.urls")),
]
