"""Every `code` that an error of the REST API may have, found where it is raised."""

import ast
import inspect
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from django.apps import apps
from django.conf import settings
from rest_framework import exceptions

from handbook.markdown import code, table

_TOLD_OTHERWISE = {exceptions.APIException, exceptions.ValidationError, exceptions.ParseError, exceptions.NotFound}
"""Those of DRF's own errors that reach no client as they are: `shop/api/problems.py` gives them another code."""

_ELSEWHERE = "…"


@dataclass(frozen=True, order=True)
class Told:
    """A code as one place in the code tells it."""

    status: int
    code: str
    detail: str


def made() -> str:
    """A code that is put together, and so cannot be read here, stands in the page itself."""
    told = [each for each in found() if _ELSEWHERE not in each.code]
    details: dict[tuple[int, str], set[str]] = defaultdict(set)
    for each in told:
        details[each.status, each.code] |= {each.detail}
    rows = (
        (f"{status} {HTTPStatus(status).phrase}", code(name), " ".join(sorted(details[status, name])))
        for status, name in sorted(details)
    )
    return table(("status", "code", "detail"), rows)


def found() -> set[Told]:
    return {told for path in _files() for told in _raised(ast.parse(path.read_text()))} | {
        Told(kind.status_code, kind.default_code, str(kind.default_detail))
        for _, kind in inspect.getmembers(exceptions, inspect.isclass)
        if issubclass(kind, exceptions.APIException) and kind not in _TOLD_OTHERWISE
    }


def _files() -> Iterator[Path]:
    """The code of every app that is ours."""
    for folder in sorted({config.name.partition(".")[0] for config in apps.get_app_configs()}):
        yield from sorted(Path(settings.BASE_DIR, folder).rglob("*.py"))


def _raised(module: ast.Module) -> Iterator[Told]:
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        names = _assigned(function)
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            match ast.unparse(call.func), call.args:
                case "Problem", [ast.Constant(value=int(status)), name, ast.Name(id=detail)]:
                    yield from (Told(status, _text(name), _text(each)) for each in names.get(detail, ()))
                case "Problem", [ast.Constant(value=int(status)), name, detail]:
                    yield Told(status, _text(name), _text(detail))
                case "AuthenticationFailed", [detail]:
                    (name,) = (each.value for each in call.keywords if each.arg == "code")
                    yield Told(HTTPStatus.UNAUTHORIZED, _text(name), _text(detail))


def _assigned(function: ast.FunctionDef) -> dict[str, list[ast.expr]]:
    """What the names of a function may hold."""
    held: dict[str, list[ast.expr]] = defaultdict(list)
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            held[node.targets[0].id].append(node.value)
    return held


def _text(node: ast.expr) -> str:
    """A text as it stands; of one that is put together, dots for what comes from elsewhere."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) for part in parts)
        case ast.BoolOp(values=[*_, last]):
            return _text(last)
    return _ELSEWHERE
