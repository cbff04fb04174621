"""What each app tells about itself on pages that belong to none of them, such as an order's page or the dashboard.

Who has something to tell has a module `panels`, found by name as Django finds `admin`, with a function for each
question that it answers. The viewer is handed along: nobody is told what they may not see.

- `about_order(order_id, viewer)`: `Panel`s with what it knows of an order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.utils.module_loading import module_has_submodule

if TYPE_CHECKING:
    from shop.users.models import User

Tone = str
"""How bad it is: `success`, `info`, `warning` or `danger`, or nothing where it does not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something worth a line: a sum, a number of pieces, a moment."""

    name: str
    value: Any  # whatever a template can show
    tone: Tone = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What belongs into an order's story and is no event: a call to the gateway, a mail."""

    at: datetime
    title: str
    state: str = ""
    tone: Tone = ""
    facts: Sequence[Fact] = ()
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where to go, and what for."""

    title: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What one app knows of an order: how it stands there, what came of it, and where to look or act."""

    title: str
    state: str = ""
    tone: Tone = ""
    facts: Sequence[Fact] = ()
    steps: Sequence[Step] = ()
    links: Sequence[Link] = ()


def about_order(order_id: UUID, viewer: "User") -> list[Panel]:
    """What all apps know of an order, as far as the viewer may see it."""
    return answers("about_order", order_id, viewer)


def answers(question: str, *about: Any) -> list[Any]:
    """What all answer who have a function of this name in their `panels`, in the order of the installed apps."""
    modules = [
        import_module(f"{config.name}.panels")
        for config in apps.get_app_configs()
        if config.module is not None and module_has_submodule(config.module, "panels")
    ]
    asked = [getattr(module, question) for module in modules if hasattr(module, question)]
    return [answer for ask in asked for answer in ask(*about)]
