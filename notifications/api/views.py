"""`/dev/mailbox`: what arrived by mail, to look at and for programs (`?format=json`). In development only."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from notifications.models import ReceivedMail

_SHOWN = 200


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The last mails, newest first; `?to=` and `?about=` look in recipients, subject and body."""
    mails = ReceivedMail.objects.all()
    if recipient := request.GET.get("to"):
        mails = mails.filter(recipients__icontains=recipient)
    if text := request.GET.get("about"):
        mails = mails.filter(subject__icontains=text) | mails.filter(body__icontains=text)
    if request.GET.get("format") == "json":
        fields = ("message_id", "sender", "recipients", "subject", "body", "received_at")
        return JsonResponse({"results": list(mails.values(*fields)[:_SHOWN])})
    return render(request, "notifications/mailbox.html", {"mails": mails[:_SHOWN]})
