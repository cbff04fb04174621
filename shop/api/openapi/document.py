"""The whole document: made from the code, and read as it was committed."""

import json
from functools import cache
from typing import Any

from django.conf import settings
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from shop.api.openapi import components

FILE = settings.BASE_DIR / "docs" / "openapi.json"


class Undescribed(RuntimeError):
    """Something in the API cannot be described as it is declared."""


def made() -> dict[str, Any]:
    """The document as the code says it. Raises `Undescribed`, with what is wrong, if a view says too little."""
    GENERATOR_STATS.reset()
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    document: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    if GENERATOR_STATS:
        raise Undescribed("\n".join(sorted(_warnings())))
    for kind, described in components.shared().items():
        document["components"].setdefault(kind, {}).update(described)
    plain: dict[str, Any] = json.loads(json.dumps(document, default=str))
    return plain


def written(document: dict[str, Any]) -> str:
    """The document as a file."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


@cache
def committed() -> dict[str, Any]:
    """The document as it was committed, which is what clients are served."""
    document: dict[str, Any] = json.loads(FILE.read_text())
    return document


def _warnings() -> set[str]:
    return {*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache}  # noqa: SLF001 - it would print them only
