"""The page that shows every text there is, with facts to try it with."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from notifications.admin import showing
from notifications.channels import words
from notifications.channels.samples import samples
from shop.users.models import Language


def preview_page(request: HttpRequest, admin: "ModelAdmin[Any]") -> HttpResponse:
    """One kind in one language, in all its variants, as HTML and as plain text."""
    kinds = list(samples())
    kind, language = request.GET.get("kind", kinds[0]), request.GET.get("language", str(Language.ENGLISH))
    if kind not in kinds or language not in Language.values:
        raise Http404
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": "Previews",
        "kinds": kinds,
        "languages": Language.choices,
        "kind": kind,
        "language": language,
        "tried": [_tried(kind, language, name, facts) for name, facts in samples()[kind].items()],
    }
    return TemplateResponse(request, "admin/notifications/message/previews.html", context)


def _tried(kind: str, language: str, name: str, facts: dict[str, Any]) -> dict[str, Any]:
    subject, text = words.said(kind, language, facts)
    return {
        "name": name,
        "subject": subject,
        "html": showing.html(words.dressed(kind, language, facts)),
        "text": showing.text(words.signed(text)),
    }
