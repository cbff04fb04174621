"""`/dev/mailbox`: what arrived by mail, to look at and for programs (`?format=json`). In development only."""

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from notifications.models import ReceivedMail

_SHOWN = 200


@require_safe
@csp_update({"style-src": UNSAFE_INLINE})
def mailbox(request: HttpRequest) -> HttpResponse:
    """The last mails, newest first; `?to=` and `?about=` look in recipients, subject and body."""
    mails = ReceivedMail.objects.all()
    if recipient := _asked(request, "to"):
        mails = mails.filter(recipients__icontains=recipient)
    if text := _asked(request, "about"):
        mails = mails.filter(subject__icontains=text) | mails.filter(body__icontains=text)
    if request.GET.get("format") == "json":
        fields = ("message_id", "sender", "recipients", "subject", "body", "received_at")
        return JsonResponse({"results": list(mails.values(*fields)[:_SHOWN])})
    return render(request, "notifications/mailbox.html", {"mails": mails[:_SHOWN]})


def _asked(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "")  # which PostgreSQL refuses to look for


urlpatterns = [path("", mailbox)]
