"""The work still to do, in the admin: how much and how old, who is at it, what is away, and how it went so far."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from shop.admin.records import ReadOnlyAdmin
from shop.bus.admin import showing
from shop.bus.models import Delivery
from shop.bus.reading import pauses, work
from shop.bus.redaction import redacted

LATE = 60.0  # seconds that what is due may wait before it is told in red


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """One page instead of a list: deliveries come and go too fast to be looked at one by one."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Queues, lanes, pauses and handlers."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Work still to do",
            "queues": _queues(),
            "lanes": _lanes(),
            "pauses": _pauses(),
            "handlers": _handlers(),
        }
        return TemplateResponse(request, "admin/bus/delivery/work.html", context)

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> TemplateResponse:
        """There is no page for one."""
        raise PermissionDenied


def lasting(seconds: float) -> str:
    """A while in words: 0.4 s, 12 s, 3 min, 2 h, 4 d."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004 - two digits are enough


def _queues() -> dict[str, Any]:
    dead, unvisited = work.dead_letters(), work.unvisited() or {}
    return {
        "headers": ["Queue", "Due", "Oldest", "Last look by a worker", "Dead letters"],
        "rows": [
            [
                backlog.queue,
                backlog.due,
                _age(backlog.age) if backlog.due else "-",
                f"{lasting(unvisited[backlog.queue])} ago" if backlog.queue in unvisited else "not known",
                _letters(backlog.queue, dead.get(backlog.queue, 0)),
            ]
            for backlog in work.backlogs()
        ],
    }


def _lanes() -> dict[str, Any]:
    return {
        "headers": ["Lane", "In hand", "For", "Who"],
        "rows": [
            [
                f"{held.queue}/{held.lane}",
                held.in_hand,
                "-" if held.seconds is None else lasting(held.seconds),
                f"session {held.pid} of {held.host}" if held.pid else showing.label("its drain died", "danger"),
            ]
            for held in work.held_lanes()
            if held.pid or held.in_hand
        ],
    }


def _pauses() -> dict[str, Any]:
    return {
        "headers": ["Handler", "Calls that wait", "Said last", "Next attempt (UTC)"],
        "rows": [
            [each.handler, each.calls, redacted(each.error), f"{each.next_at:%H:%M:%S}"] for each in pauses.pauses()
        ],
    }


def _handlers() -> dict[str, Any]:
    return {
        "headers": ["Handler", "Done", "Failed", "Put off", "Given up", "Time to done", "Last"],
        "rows": [
            [
                count.handler,
                count.handled,
                count.failed,
                count.put_off,
                count.buried,
                lasting(timedelta(seconds=count.seconds / count.handled).total_seconds()) if count.handled else "-",
                f"{count.at:%Y-%m-%d %H:%M:%S}",
            ]
            for count in work.counts()
        ],
    }


def _age(seconds: float) -> Any:
    return showing.label(lasting(seconds), "danger") if seconds >= LATE else lasting(seconds)


def _letters(queue: str, number: int) -> Any:
    address = f"{reverse('admin:bus_deadletter_changelist')}?{urlencode({'queue': queue})}"
    return showing.link(address, str(number)) if number else 0
