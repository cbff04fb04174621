"""Moments: times that know their zone, in what is told and kept."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

Moment = Annotated[datetime, Meta(tz=True)]
"""A time with its zone; a bare `datetime` could be anywhere on earth, and its JSON Schema says no more than string."""
