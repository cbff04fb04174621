"""The first page of the admin: what each app wants its staff to see at once.

An app answers `on_dashboard(viewer)` in its `panels` with figures, charts and lists, and nobody is told what they may
not see. What takes more than a moment is `remembered` for some seconds, whoever looks.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.core.cache import cache
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from shop.admin.panels import Tone, answers

if TYPE_CHECKING:
    from shop.users.models import User

T = TypeVar("T")

SECONDS = 10
"""How long what is remembered is good enough."""

_COLOURS = {
    "": "var(--color-primary-600)",
    "light": "var(--color-primary-300)",
    "info": "#3b82f6",
    "success": "#22c55e",
    "warning": "#f59e0b",
    "danger": "#ef4444",
    "muted": "#9ca3af",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number that matters, with a word about it, and where to go on."""

    title: str
    value: str
    note: str = ""
    tone: Tone = ""
    address: str = ""
    comes_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One colour of a chart: `tone` is as elsewhere, or `light` or `muted`."""

    name: str
    values: Sequence[float]
    tone: Tone = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars over labels, on top of each other where there are several series; `note` says in words what they show.

    Long labels are read best where the bars are `lying`.
    """

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    note: str = ""
    is_lying: bool = False
    comes_last: bool = False

    @property
    def data(self) -> str:
        """As Chart.js wants it."""
        datasets = [
            {"label": each.name, "data": list(each.values), "backgroundColor": _COLOURS[each.tone]}
            for each in self.series
        ]
        return json.dumps({"labels": list(self.labels), "datasets": datasets})

    @property
    def options(self) -> str:
        """As Chart.js wants them."""
        text = {"color": _COLOURS["muted"]}
        labels = {"stacked": True, "grid": {"display": False}, "ticks": text | {"maxRotation": 0}}
        values = {"stacked": True, "beginAtZero": True, "grid": {}, "ticks": text | {"precision": 0}}
        legend = {"display": len(self.series) > 1, "position": "bottom", "labels": text | {"boxWidth": 12}}
        return json.dumps(
            {
                "responsive": True,
                "maintainAspectRatio": False,
                "animation": False,
                "plugins": {"legend": legend},
                "indexAxis": "y" if self.is_lying else "x",
                "scales": {"x": values, "y": labels} if self.is_lying else {"x": labels, "y": values},
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A few rows that want somebody's eyes."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]  # whatever a template can show
    comes_last: bool = False

    @property
    def table(self) -> dict[str, Any]:
        """As Unfold's table wants it."""
        return {"headers": list(self.headers), "rows": [list(row) for row in self.rows]}


def on_dashboard(viewer: "User") -> dict[str, list[Any]]:
    """What all apps show there, by kind."""
    cards = sorted(answers("on_dashboard", viewer), key=lambda card: card.comes_last)  # and else as the apps stand
    kinds = {"figures": Figure, "charts": Chart, "listings": Listing}
    return {name: [card for card in cards if isinstance(card, kind)] for name, kind in kinds.items()}


def list_of(model: type[Model], **chosen: str) -> str:
    """Where the rows of a model are listed, those that are chosen by the list's own parameters; nothing if nowhere."""
    if not admin.site.is_registered(model):
        return ""
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")  # noqa: SLF001 - Django's name
    return f"{page}?{urlencode(chosen)}" if chosen else page


def last_hours(number: int = 24) -> list[datetime]:
    """The beginnings of the last so many hours, this one included, oldest first."""
    now = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return [now - timedelta(hours=ago) for ago in reversed(range(number))]


def remembered(name: str, make: Callable[[], T]) -> T:
    """What was made under this name some seconds ago at most; made anew where nobody remembers."""
    known: T | None = cache.get(key := f"dashboard:{name.replace(' ', '_')}")
    if known is None:
        known = make()
        cache.set(key, known, SECONDS)
    return known
