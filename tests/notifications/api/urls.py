"""The mailbox where a development stack has it, whatever the tests' settings say."""

from django.urls import include, path

urlpatterns = [path("dev/mailbox", include("notifications.api.mailbox"))]
