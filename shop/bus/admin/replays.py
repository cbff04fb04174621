"""The page that replays: first what would be delivered, and then, by a button, the delivery."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.http import urlencode

from shop import audit
from shop.bus.admin.forms import WantedForm
from shop.bus.reading import log
from shop.bus.replay import Round, deliver, preview
from shop.bus.wanted import Wanted
from shop.users.models import User


def replay_page(request: HttpRequest, admin: "ModelAdmin[Any]") -> HttpResponse:
    """GET tells what would be delivered, POST delivers it; both one round, which says where the next begins."""
    asked = request.POST if request.method == "POST" else request.GET
    form = WantedForm(asked if asked else None)
    foretold = None
    if form.is_valid():
        wanted: Wanted = form.cleaned_data["wanted"]
        after = _id(asked.get("after", ""))
        if request.method == "POST":
            return _delivered(request, admin, form, deliver_from=after)
        foretold = preview(wanted, after=after)
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": "Replay",
        "form": form,
        "foretold": foretold,
        "table": _table(foretold),
        "goes_on_at": log.time_of(foretold.go_on) if foretold and foretold.go_on else None,
        "hidden": [*form.told().items(), ("after", asked.get("after", ""))] if foretold else [],
        "next": f"?{urlencode(form.told() | {'after': str(foretold.go_on)})}" if foretold and foretold.go_on else "",
    }
    return TemplateResponse(request, "admin/bus/event/replay.html", context)


@transaction.atomic
def _delivered(
    request: HttpRequest, admin: "ModelAdmin[Any]", form: WantedForm, *, deliver_from: UUID | None
) -> HttpResponse:
    made = deliver(form.cleaned_data["wanted"], after=deliver_from)
    audit.note(
        by=cast("User", request.user),
        action="events.replayed",
        subject="events",
        before={},
        after={"wanted": form.told(), "delivered": {share.handler: share.delivered for share in made.shares}},
    )
    told = f"{made.delivered} deliveries made, of {made.events} events looked at."
    admin.message_user(request, told, messages.SUCCESS)
    go_on = {"after": str(made.go_on)} if made.go_on else {}
    return HttpResponseRedirect(f"?{urlencode(form.told() | go_on)}")


def _table(foretold: Round | None) -> dict[str, Any]:
    shares = foretold.shares if foretold else []
    return {
        "headers": ["Handler", "Would be delivered", "Done", "Waiting", "Dead letters", "Not repeatable"],
        "rows": [[each.handler, each.delivered, each.done, each.waiting, each.dead, each.kept] for each in shares],
    }


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
