"""Addresses: REST below /api/v1/, the admin, and in development the mailbox."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

handler400 = "shop.api.problems.bad_request"
handler404 = "shop.api.problems.not_found"
handler500 = "shop.api.problems.server_error"

urlpatterns = [
    path("api/v1/", include("orders.api.urls")),
    path("admin/", admin.site.urls),
]

if settings.DEVELOPMENT:
    urlpatterns.append(path("dev/mailbox", include("notifications.api.urls")))
