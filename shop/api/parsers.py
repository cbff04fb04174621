"""Bodies as RFC 7493 has them (I-JSON): JSON in UTF-8, whatever charset the request claims, and no name twice."""

import json
from collections.abc import Mapping
from typing import IO, Any

import msgspec
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class JsonParser(BaseParser):
    """Refuses what is no JSON, and what no database or answer could carry: NaN, half a character, endless nesting.

    A name that stands twice in an object is refused too: whoever checked one of the two may not have seen the other.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:  # a body is whatever was sent; serializers look into it
        body = stream.read()
        try:
            decoded = msgspec.json.decode(body)
            json.loads(body, object_pairs_hook=_named_once)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise ParseError from error
        return decoded


class _NamedTwice(ValueError):
    """An object has two members of one name."""


def _named_once(members: list[tuple[str, Any]]) -> None:
    if len(dict(members)) < len(members):
        raise _NamedTwice(_NamedTwice.__doc__)
