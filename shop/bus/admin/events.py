"""The log in the admin: what happened, what came of it, and replaying it."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from shop.admin.buttons import button
from shop.admin.records import ReadOnlyAdmin
from shop.bus.admin import showing
from shop.bus.admin.forms import SoughtForm
from shop.bus.admin.replays import replay_page
from shop.bus.handlers import handlers
from shop.bus.models import DeadLetter, Event
from shop.bus.reading import log, stories

_TONES = {"done": "success", "due": "info", "dead": "danger", "parked": "warning"}


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Pages of its own: the log is too long for Django's list, and an event is more than its row."""

    actions_list: Any = ("replay",)  # unfold's type is that of its default

    def has_replay_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("bus.change_event")

    @button("Replay", path="replay", permission="replay", icon="replay")
    def replay(self, request: HttpRequest) -> HttpResponse:
        """Deliver events anew, after a look at what that would mean."""
        return replay_page(request, self)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The log, newest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = SoughtForm(request.GET)
        sought = form.sought() if form.is_valid() else log.Sought()
        found = log.look(sought, before=_id(request.GET.get("before", "")))
        return self._page(
            request,
            "admin/bus/event/log.html",
            title="Events",
            form=form,
            found=found,
            table={
                "headers": ["Time (UTC)", "Event", "Subject", "Order or SKU", "Began with"],
                "rows": [_row(event) for event in found.events],
            },
            older=_older(request, found),
            replay=reverse("admin:bus_event_replay") if self.has_replay_permission(request) else "",
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> TemplateResponse:
        """One event, its causes and effects, and who has done it."""
        if object_id is None or request.method != "GET" or not self.has_view_permission(request):
            raise PermissionDenied
        event = _event(object_id)
        if event is None:
            raise Http404
        return self._page(
            request,
            "admin/bus/event/event.html",
            title=f"{event.type} {event.subject}",
            event=event,
            payload=showing.payload(event.data),
            facts=_facts(event),
            reactions={"headers": ["Handler", "State", "Attempts", "When (UTC)"], "rows": _reactions(event)},
            effects={
                "headers": ["Time (UTC)", "Event", "Subject"],
                "rows": [_row(each)[:3] for each in log.effects(event)],
            },
            replay=f"{reverse('admin:bus_event_replay')}?event={event.id}"
            if self.has_replay_permission(request)
            else "",
        )

    def _page(self, request: HttpRequest, template: str, **shown: Any) -> TemplateResponse:
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **shown}
        )


def _row(event: Event) -> list[Any]:
    return [
        showing.moment(event.time),
        showing.event_link(event.id, event.type),
        showing.short(event.subject),
        showing.log_link(showing.short(event.partition_key), key=event.partition_key),
        showing.log_link(showing.short(event.correlation_id), correlation=event.correlation_id),
    ]


def _facts(event: Event) -> list[tuple[str, Any]]:
    cause = _event(event.causation_id)
    return [
        ("Time (UTC)", showing.moment(event.time)),
        ("Id", event.id),
        ("Version", event.version),
        ("From", event.source),
        ("Subject", f"{event.subject}, number {event.sequence}"),
        ("Order or SKU", showing.log_link(key=event.partition_key)),
        ("Caused by", showing.event_link(cause.id, f"{cause.type} {cause.subject}") if cause else "a request"),
        ("Began with", showing.log_link(correlation=event.correlation_id)),
        ("Who acted", event.actor),
        ("Trace", event.traceparent or "-"),
    ]


def _reactions(event: Event) -> list[list[Any]]:
    """What each handler made of it; who hears of such events now, and did not of this one, stands at the end."""
    letters = dict(DeadLetter.objects.filter(event_id=event.id).values_list("handler", "pk"))
    chapter = stories.chapter(event)
    rows = [
        [
            _letter_link(each.handler, letters) if each.state in {"dead", "parked"} else each.handler,
            showing.label("let go") if each.state == "done" and not each.attempts else _state(each.state),
            each.attempts,
            showing.moment(each.at),
        ]
        for each in chapter.reactions
    ]
    heard = {each.handler for each in chapter.reactions}
    late = [name for name, each in sorted(handlers.items()) if each.event.name == event.type and name not in heard]
    return rows + [[name, showing.label("never heard of it"), "", ""] for name in late]


def _state(state: str) -> str:
    return showing.label(state, _TONES.get(state, ""))


def _letter_link(handler: str, letters: dict[str, int]) -> str:
    return showing.link(reverse("admin:bus_deadletter_change", args=[letters[handler]]), handler)


def _older(request: HttpRequest, found: log.Found) -> str:
    """Where to look on."""
    asked = [(name, str(value)) for name, value in request.GET.items() if name != "before" and value]
    return f"?{urlencode([*asked, ('before', str(found.older))])}" if found.older else ""


def _event(text: str) -> Event | None:
    event_id = _id(text)
    return Event.objects.filter(pk=event_id).first() if event_id else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
