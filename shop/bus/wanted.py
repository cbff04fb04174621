"""What somebody wants replayed: which events, and for whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shop.bus.handlers import Handler, handlers


class BadReplay(ValueError):
    """This cannot be replayed so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events, for whom: the narrower of what is named. `key` is an order's id, or the SKU for stock.

    `handlers` are names, all who hear the events where none is named. `missing` means the whole log, for a handler that
    was added later; `again` also what was done already, for handlers declared `repeatable`. Raises `BadReplay`.
    """

    event: UUID | None = None
    key: str = ""
    type: str = ""
    since: datetime | None = None
    until: datetime | None = None
    handlers: Collection[str] = ()
    missing: bool = False
    again: bool = False

    def __post_init__(self) -> None:
        if self.missing and not self.handlers:
            raise BadReplay("Name the handler that was added later.")
        if not (self.missing or self.event or self.key or self.type or self.since or self.until):
            raise BadReplay("Say which events: one, those of an order, of a type, or of some time.")
        if unknown := sorted(set(self.handlers) - handlers.keys()):
            raise BadReplay(f"There is no handler {unknown[0]} here.")
        if self.again and (single := [each.name for each in self._named() if not each.repeatable]):
            raise BadReplay(f"{single[0]} does not allow it: it is not declared repeatable.")
        if not self.hearing():
            raise BadReplay(f"Nobody who is meant hears {self.type or 'any event'}.")

    def hearing(self) -> list[Handler]:
        """Who is to hear what has not been done."""
        chosen = self._named() or handlers.values()
        return [each for each in chosen if self.type in {"", each.event.name}]

    def _named(self) -> list[Handler]:
        return [handlers[name] for name in sorted(self.handlers)]
