from django.urls import path

from notifications.api.views import mailbox

urlpatterns = [path("", mailbox)]
