"""Whether a JSON Schema may take the place of an older one, and if not, why: a sentence for each thing that breaks.

What we send and others read may grow; what others send and we take may not become stricter. Values that are not
known yet are no break: enumerations are open for who reads, and lengths and amounts that we send may grow.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Flag, auto
from typing import Any

from shop.api.schemas import AnySchema, Schema, alternatives, kind_of, values_of

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT = ("pattern", "multipleOf", "uniqueItems")
_JUDGED = {
    *(*_LOWER, *_UPPER, *_EXACT, "type", "enum", "const", "format"),
    *("properties", "required", "additionalProperties", "items", "prefixItems"),
}
_SAY_NOTHING = {
    *("title", "description", "examples", "example", "default", "deprecated", "readOnly", "writeOnly", "xml"),
    *("$schema", "$id", "$defs", "$comment", "discriminator", "externalDocs"),
}


class Side(Flag):
    """From which side a schema is looked at; stored events are both sent and, one day, taken."""

    SENT = auto()
    TAKEN = auto()


def breaks(old: Schema, new: Schema, side: Side, *, old_root: Schema, new_root: Schema, path: str = "") -> list[str]:
    """What breaks if `new` takes the place of `old`; references are looked up in the roots."""
    return list(dict.fromkeys(_Comparison(old_root, new_root)(old, new, side, path)))


@dataclass
class _Comparison:
    old_root: Schema
    new_root: Schema
    _within: list[tuple[AnySchema, AnySchema]] = field(default_factory=list)

    def __call__(self, old: AnySchema, new: AnySchema, side: Side, path: str) -> Iterator[str]:
        if (old, new) in self._within:  # a schema that holds itself
            return
        self._within.append((old, new))
        olds, news = alternatives(old, self.old_root), alternatives(new, self.new_root)
        if len(olds) == len(news) == 1:
            yield from self._alike(olds[0], news[0], side, path)
        else:
            yield from self._choices(olds, news, side, path)
        self._within.pop()

    def _choices(self, olds: Sequence[Schema], news: Sequence[Schema], side: Side, path: str) -> Iterator[str]:
        """Alternatives are paired by their type where that tells them apart; the rest must find any that will do."""
        before, now = _by_kind(olds), _by_kind(news)
        paired = [kind for kind in before if kind in now]
        for kind in paired:
            yield from self._alike(before[kind], now[kind], side, path)
        for old in olds if side & Side.TAKEN else ():
            if kind_of(old) not in paired and not self._any_takes(news, old, path):
                yield f"{path} can no longer be {_named(old)}."
        for new in news if side & Side.SENT else ():
            if kind_of(new) not in paired and not self._any_reads(olds, new, path):
                yield f"{path} can be {_named(new)} now."

    def _any_takes(self, news: Sequence[Schema], old: Schema, path: str) -> bool:
        return any(not [*self._alike(old, new, Side.TAKEN, path)] for new in news)

    def _any_reads(self, olds: Sequence[Schema], new: Schema, path: str) -> bool:
        return any(not [*self._alike(old, new, Side.SENT, path)] for old in olds)

    def _alike(self, old: Schema, new: Schema, side: Side, path: str) -> Iterator[str]:
        """Two schemas without alternatives."""
        if kind_of(old) != kind_of(new):
            yield from _kinds(kind_of(old), kind_of(new), side, path)
            return
        yield from _values(old, new, side, path)
        yield from _forms(old, new, side, path)
        yield from self._members(old, new, side, path)
        yield from self._items(old, new, side, path)
        for keyword in sorted((old.keys() | new.keys()) - _JUDGED - _SAY_NOTHING):
            if old.get(keyword) != new.get(keyword) and not keyword.startswith("x-"):
                yield f"{path} has another `{keyword}`, which cannot be judged."

    def _members(self, old: Schema, new: Schema, side: Side, path: str) -> Iterator[str]:
        before, now = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name not in now:
                yield f"{_member(path, name)} is gone."
            else:
                yield from self(schema, now[name], side, _member(path, name))
        required, required_now = set(old.get("required", ())), set(new.get("required", ()))
        if side & Side.TAKEN:
            yield from (f"{_member(path, name)} is required now." for name in sorted(required_now - required))
        if side & Side.SENT:
            missing = (required - required_now) & now.keys()
            yield from (f"{_member(path, name)} may be missing now." for name in sorted(missing))
        yield from self._others(
            old.get("additionalProperties", True), new.get("additionalProperties", True), side, path
        )

    def _others(self, old: AnySchema, new: AnySchema, side: Side, path: str) -> Iterator[str]:
        """Members without a name in the schema."""
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from self(old, new, side, _member(path, "*"))
        elif side & Side.TAKEN and new is not True and new != {} and old is not False and old != new:
            yield f"{path} no longer takes any other members."

    def _items(self, old: Schema, new: Schema, side: Side, path: str) -> Iterator[str]:
        first, first_now = old.get("prefixItems", []), new.get("prefixItems", [])
        if len(first) != len(first_now):
            yield f"{path} has {len(first_now)} fixed places instead of {len(first)}."
        for place, (schema, schema_now) in enumerate(zip(first, first_now, strict=False)):
            yield from self(schema, schema_now, side, f"{path}[{place}]")
        if "items" in old or "items" in new:
            yield from self(old.get("items", True), new.get("items", True), side, f"{path}[]")


def _by_kind(schemas: Sequence[Schema]) -> dict[str | None, Schema]:
    """Those of the schemas that their type tells apart from the others."""
    kinds = [kind_of(each) for each in schemas]
    return {kind: each for kind, each in zip(kinds, schemas, strict=True) if kinds.count(kind) == 1}


def _kinds(old: str | None, new: str | None, side: Side, path: str) -> Iterator[str]:
    wider, narrower = (old, new) == ("integer", "number") or new is None, (old, new) == ("number", "integer") or not old
    harmless = (wider and not side & Side.SENT) or (narrower and not side & Side.TAKEN)
    if not harmless:
        yield f"{path} was {old or 'anything'} and is {new or 'anything'}."


def _values(old: Schema, new: Schema, side: Side, path: str) -> Iterator[str]:
    before, now = values_of(old), values_of(new)
    if now is None:
        return
    if side & Side.TAKEN:
        if before is None:
            yield f"{path} can only be one of {', '.join(map(repr, now))} now."
        else:
            yield from (f"{path} can no longer be {value!r}." for value in before if value not in now)
    elif before is not None and not any(value in now for value in before):
        yield f"{path} is never {', '.join(map(repr, before))} any more."


def _forms(old: Schema, new: Schema, side: Side, path: str) -> Iterator[str]:
    before, now = old.get("format"), new.get("format")
    if before != now and ((side & Side.TAKEN and now) or (side & Side.SENT and before)):
        yield f"{path} had the format {before} and has {now}."
    if side & Side.TAKEN:
        for keyword in (*_LOWER, *_UPPER, *_EXACT):
            if keyword in new and _is_stricter(keyword, old.get(keyword), new[keyword]):
                yield f"{path} is stricter: {keyword} {new[keyword]}, and was {old.get(keyword, 'not limited')}."


def _is_stricter(keyword: str, old: Any, new: Any) -> bool:  # numbers, patterns or booleans
    if keyword in _EXACT:
        return bool(new) and new != old
    if old is None:
        return keyword not in {"minLength", "minItems", "minProperties"} or new > 0
    return bool(new > old if keyword in _LOWER else new < old)


def _member(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _named(schema: Schema) -> str:
    values, members = values_of(schema), schema.get("properties")
    if values:
        return ", ".join(map(repr, values))
    return f"object with {', '.join(members)}" if members else str(kind_of(schema) or "anything")
