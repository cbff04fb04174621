"""What a reader of the feed asks for, taken from the query, and the place where it goes on, as an opaque word."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.core import signing
from rest_framework.request import Request

from shop.api.pages import limit_of
from shop.api.problems import Problem, bad_parameter
from shop.bus.reading import Page, Place, PlaceLost, kinds, read_on

_PARAMETERS = frozenset({"after", "limit", "subject", "type"})


@dataclass(frozen=True, slots=True)
class Asked:
    """From where on, how many, and of which types or which subject."""

    after: Place | None
    limit: int
    types: frozenset[str] | None
    subject: str | None

    @classmethod
    def by(cls, request: Request) -> Self:
        """Raises `Problem` for what is not understood: a misspelt filter would lose events in silence."""
        unknown = [
            {"parameter": name, "code": "unknown", "detail": "This parameter is not known here."}
            for name in sorted(request.query_params.keys() - _PARAMETERS)
        ]
        if unknown:
            raise Problem(400, "invalid", "Some parameters are not valid; see errors.", errors=unknown)
        return cls(_after(request), limit_of(request), _types(request), _subject(request))

    def read(self) -> Page:
        """The next page. Raises `Problem` where the log does not go on from there."""
        try:
            return read_on(self.after, limit=self.limit, types=self.types, subject=self.subject)
        except PlaceLost as error:
            detail = f"{error} Begin without `after`; the ids of events tell what you have seen."
            raise Problem(410, "cursor_expired", detail) from None


def address_of_next(request: Request, place: Place | None) -> str:
    """What was asked for, from this place on."""
    kept = [(name, value) for name, values in request.query_params.lists() for value in values if name != "after"]
    asked = urlencode([*kept, ("after", _written(place))] if place else kept)
    return f"{request.path}?{asked}" if asked else request.path


def _signer() -> signing.Signer:
    """It signs without the time: the same place is the same word."""
    return signing.Signer(salt="shop.events.feed")


def _written(place: Place) -> str:
    return _signer().sign_object([place.log, place.settled_after, place.position, place.event_id.hex])


def _after(request: Request) -> Place | None:
    text = request.query_params.get("after")
    if text is None:
        return None
    try:
        log, settled_after, position, event_id = _signer().unsign_object(text)
    except (signing.BadSignature, ValueError):
        raise bad_parameter("after", "cursor_invalid", "This is no cursor of the feed. Begin without one.") from None
    return Place(log, settled_after, position, UUID(event_id))


def _types(request: Request) -> frozenset[str] | None:
    asked = request.query_params.getlist("type")
    if not asked:
        return None
    types = frozenset(",".join(asked).split(","))
    if unknown := types - {kind.event.name for kind in kinds()}:
        raise bad_parameter("type", "invalid_choice", f"No event is of the type {min(unknown)!r}; see /event-types.")
    return types


def _subject(request: Request) -> str | None:
    subject = request.query_params.get("subject")
    if subject is not None and (not subject or "\0" in subject):
        raise bad_parameter("subject", "invalid", "A subject is a word such as orders/0199...")
    return subject
