"""What a new document breaks for clients that were written by the old one: v1 only ever grows."""

from collections.abc import Iterator, Mapping
from typing import Any

from shop.api.compatibility import Side, breaks
from shop.api.schemas import found

Document = Mapping[str, Any]

_METHODS = ("get", "put", "post", "patch", "delete")


def broken(old: Document, new: Document) -> list[str]:
    """A sentence for each thing that breaks."""
    return [f"{name}: {sentence}" for name, sentence in _Comparison(old, new)]


class _Comparison:
    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new

    def __iter__(self) -> Iterator[tuple[str, str]]:
        now = dict(_operations(self.new))
        for name, operation in _operations(self.old):
            if name not in now:
                yield name, "is gone."
            else:
                for sentence in self._operation(operation, now[name]):
                    yield name, sentence

    def _operation(self, old: Document, new: Document) -> Iterator[str]:
        yield from self._parameters(old, new)
        yield from self._body(old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            if status < "400":
                yield from self._answer(status, answer, new["responses"].get(status))

    def _parameters(self, old: Document, new: Document) -> Iterator[str]:
        before = {_named(each): each for each in self._resolved(old, self.old)}
        for each in self._resolved(new, self.new):
            known = before.pop(_named(each), None)
            if known:
                yield from self._breaks(known["schema"], each["schema"], Side.TAKEN, _named(each))
            if each.get("required") and not (known and known.get("required")):
                yield f"the parameter {_named(each)} is required now."
        yield from (f"the parameter {name} is gone." for name in before)

    def _resolved(self, operation: Document, root: Document) -> Iterator[Document]:
        for each in operation.get("parameters", ()):
            yield found(each["$ref"], root) if "$ref" in each else each

    def _body(self, old: Document | None, new: Document | None) -> Iterator[str]:
        if new and new.get("required") and not (old and old.get("required")):
            yield "a body is required now."
        for kind, described in (old or {}).get("content", {}).items():
            if not new or kind not in new["content"]:
                yield f"no body of {kind} is taken any more."
            else:
                yield from self._breaks(described["schema"], new["content"][kind]["schema"], Side.TAKEN, "the body")

    def _answer(self, status: str, old: Document, new: Document | None) -> Iterator[str]:
        if new is None:
            yield f"it no longer answers {status}."
            return
        for kind, described in old.get("content", {}).items():
            if kind not in new.get("content", {}):
                yield f"{status} no longer comes as {kind}."
            else:
                yield from self._breaks(described["schema"], new["content"][kind]["schema"], Side.SENT, status)

    def _breaks(self, old: Document, new: Document, side: Side, path: str) -> list[str]:
        return breaks(old, new, side, old_root=self.old, new_root=self.new, path=path)


def _operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def _named(parameter: Document) -> str:
    return f"{parameter['name']} ({parameter['in']})"
