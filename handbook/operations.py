"""Every operation of the REST API, from the document that clients are served."""

from collections.abc import Iterator
from typing import Any

from handbook.markdown import code, section, table
from shop.api.openapi.document import committed

_METHODS = ("get", "post", "put", "patch", "delete")


def made() -> str:
    by_tag: dict[str, list[tuple[str, str, str, str]]] = {}
    for path, method, operation in operations():
        line = (code(method.upper()), code(path), operation["summary"], scope(operation))
        by_tag.setdefault(operation["tags"][0], []).append(line)
    head = ("", "address", "what for", "scope")
    return "\n".join(section(tag, table(head, lines)) for tag, lines in sorted(by_tag.items()))


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of each, in the document's order."""
    for path, methods in committed()["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield path, method, methods[method]


def scope(operation: dict[str, Any]) -> str:
    """The scope that a grant needs; strangers are let in where signing in is one way of several."""
    ways: list[dict[str, list[str]]] = operation["security"]
    needed = {name for way in ways for names in way.values() for name in names}
    return ", ".join([*map(code, sorted(needed)), *(["strangers too"] if {} in ways else [])])
