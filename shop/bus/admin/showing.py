"""How the bus's pages show payloads, errors and where to go on from them."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from shop.bus.redaction import redacted

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def payload(data: Any) -> SafeString:
    """A payload as JSON over several lines, without what is not for everybody's eyes."""
    return preformatted(json.dumps(redacted(data), indent=2, ensure_ascii=False))


def moment(at: datetime) -> str:
    """Down to the millisecond, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03}"


def short(text: str) -> str:
    """The same with the ends of its ids only: their beginnings are times, and much alike."""
    return _ID.sub(lambda found: f"..{found[0][-12:]}", text)


def preformatted(text: str) -> SafeString:
    return render_to_string("admin/bus/preformatted.html", {"text": text})


def label(text: str, tone: str = "") -> SafeString:
    """A word in a coloured box; `tone` is success, info, warning or danger."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": tone})


def link(address: str, text: str) -> SafeString:
    return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, text)


def event_link(event_id: UUID, text: str = "") -> SafeString:
    return link(reverse("admin:bus_event_change", args=[event_id]), text or str(event_id))


def log_link(text: str = "", **sought: str) -> SafeString:
    """To the events that are like this, such as `key=<order>`."""
    return link(f"{reverse('admin:bus_event_changelist')}?{urlencode(sought)}", text or next(iter(sought.values())))
