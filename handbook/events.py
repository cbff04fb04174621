"""Every event: what it says, what it carries, who tells it, and who reacts."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from handbook.markdown import code, section, table
from shop.bus.reading import Kind, kinds, publishers
from shop.events.catalogue import meaning

Shape = Mapping[str, Any]


def made() -> str:
    every = kinds()
    shapes, parts = msgspec.json.schema_components([kind.event for kind in every], ref_template="{name}")
    own = {str(shape["$ref"]) for shape in shapes}
    overview = table(("event", "is told by", "is heard by"), (_line(kind) for kind in every))
    return "\n".join(
        [
            overview,
            *(_section(kind, parts[shape["$ref"]]) for kind, shape in zip(every, shapes, strict=True)),
            section("Parts", "What several events carry.", *_parts(parts, own)),
        ]
    )


def _line(kind: Kind) -> tuple[str, str, str]:
    name = kind.event.name
    heard = sorted({handler.name.partition(".")[0] for handler in kind.handlers})
    return f"[{name}](#{_address(name)})", kind.event.source.strip("/"), ", ".join(heard) or "nobody here"


def _address(title: str) -> str:
    """What the heading of that title is linked by."""
    return title.lower().replace(".", "")


def _section(kind: Kind, shape: Shape) -> str:
    event = kind.event
    facts = [
        ("version", str(event.version)),
        ("subject", code(event.subject_template)),
        ("partition key", code(event.key_field)),
        ("published by", ", ".join(map(code, publishers()[event]))),
    ]
    heard = table(
        ("handler", "how", "queue", "after", "attempts"),
        (
            (code(each.name), each.kind, code(each.queue), str(each.after or "at once"), str(each.attempts))
            for each in kind.handlers
        ),
    )
    return section(
        event.name,
        meaning(event),
        "\n".join(f"- {name}: {value}" for name, value in facts),
        _fields(shape),
        heard if kind.handlers else "Nobody in the shop reacts; the feed tells it to others.",
    )


def _parts(parts: Mapping[str, Shape], own: set[str]) -> Iterable[str]:
    for name, shape in sorted(parts.items()):
        if name not in own and "properties" in shape:
            yield section(name, str(shape.get("description", "")), _fields(shape), level=3)


def _fields(shape: Shape) -> str:
    required = shape.get("required", ())
    return table(
        ("field", "type", "may be left out"),
        (
            (code(name), _kind(field), "" if name in required else f"means {code(str(field.get('default')))}")
            for name, field in shape.get("properties", {}).items()
        ),
    )


def _kind(field: Shape) -> str:
    if "$ref" in field:
        return f"[{field['$ref']}](#{_address(field['$ref'])})"
    if "anyOf" in field:
        return " or ".join(_kind(each) for each in field["anyOf"])
    if "enum" in field:
        return "one of " + ", ".join(code(str(value)) for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}))}" if field.get("items") else "list"
    return str(field.get("format") or field.get("type") or "anything")
