"""Addresses: REST below /api/v1/, accounts below /_allauth/, the admin, and in development the mailbox."""

from django.conf import settings
from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from shop.api.index import index
from shop.api.openapi.views import Docs, OpenApiDocument
from shop.catalogue.api.pictures import picture

handler400 = "shop.api.problems.bad_request"
handler404 = "shop.api.problems.not_found"
handler500 = "shop.api.problems.server_error"

urlpatterns = [
    path("api/v1/", include("orders.api.urls")),  # first: what is asked most is found at once
    path("", index),
    path("favicon.ico", RedirectView.as_view(url=static("shop/storefront.svg"))),
    path("admin/", admin.site.urls),
    path("api/docs", Docs.as_view()),
    path("api/v1/openapi.json", OpenApiDocument.as_view()),
    path("_allauth/", include("shop.users.urls")),
    path("", include("shop.oauth.urls")),
    path("api/v1/", include("shop.events.urls")),
    path("api/v1/", include("shop.catalogue.api.urls")),
    path("api/v1/", include("payments.api.urls")),
    path("api/v1/", include("notifications.api.urls")),
    path("api/v1/", include("shop.users.api.urls")),
    path("api/v1/inventory/", include("inventory.api.urls")),
]

if settings.DEVELOPMENT:
    urlpatterns += [
        path("dev/mailbox", include("notifications.api.mailbox")),
        path("dev/bank/", include("payments.api.bank")),
        path("media/demo/<slug:shape>-<slug:colour>.svg", picture),
    ]
