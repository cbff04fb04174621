"""The shop's addresses with the sandbox's bank beside them, as the embedded stack has them."""

from django.urls import include, path

from shop import urls

handler400, handler404, handler500 = urls.handler400, urls.handler404, urls.handler500
urlpatterns = [*urls.urlpatterns, path("dev/bank/", include("payments.api.bank"))]
