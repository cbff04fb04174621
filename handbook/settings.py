"""Every environment variable that `shop/settings.py` reads, with what the comment beside it says.

There a variable is told as `# NAME: what it means.`, several at once as `# NAME, OTHER: ...`, and a switch as
`# NAME=1: ...`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from handbook.markdown import code, section, table

SOURCE = Path(settings.BASE_DIR, "shop", "settings.py")

_SECTION = re.compile(r"^# --- (.*?) -+$", re.MULTILINE)
_COMMENT = re.compile(r"(?:^ *# (?!---).*\n)+", re.MULTILINE)
_TOLD = re.compile(r"(?:^|(?<=[.;] ))([A-Z][A-Z_]+(?:=1)?(?:, [A-Z][A-Z_]+)*): ")
_NAME = re.compile(r"[A-Z][A-Z0-9_]+")


def made() -> str:
    defaults, meanings, parts = read(), told(), []
    for title, text in _sections(SOURCE.read_text()):
        names = [name for name in defaults if re.search(rf'"{name}"', text)]
        if names:
            rows = ((code(name), code(defaults[name]), meanings[name]) for name in names)
            parts.append(section(title, table(("variable", "default", "meaning"), rows)))
    return "\n".join(parts)


def read() -> dict[str, str]:
    """The variables that the settings read, each with its default as it is written."""
    calls = [node for node in ast.walk(ast.parse(SOURCE.read_text())) if isinstance(node, ast.Call)]
    in_order = sorted(calls, key=lambda call: call.lineno)
    return {name: _default(call) for call in in_order for name in _variable(call)}


def told() -> dict[str, str]:
    """What the comments say of variables."""
    found: dict[str, str] = {}
    for comment in _COMMENT.findall(SOURCE.read_text()):
        words = " ".join(line.lstrip(" #") for line in comment.splitlines())
        _, *pieces = _TOLD.split(words)
        for names, meaning in zip(pieces[::2], pieces[1::2], strict=True):
            found |= {name.removesuffix("=1"): meaning.strip() for name in names.split(", ")}
    return found


def _sections(text: str) -> Iterator[tuple[str, str]]:
    titles = _SECTION.split(text)
    yield "Django", titles[0]
    yield from zip(titles[1::2], titles[2::2], strict=True)


def _variable(call: ast.Call) -> Iterator[str]:
    """The variable that a call reads: `environ.get("NAME", ...)`, or one of our own functions around that."""
    asks = ast.unparse(call.func)
    if (asks == "environ.get" or asks.startswith("_")) and call.args:
        name = call.args[0]
        if isinstance(name, ast.Constant) and isinstance(name.value, str) and _NAME.fullmatch(name.value):
            yield name.value


def _default(call: ast.Call) -> str:
    return str(ast.literal_eval(call.args[1])) if len(call.args) > 1 else ""
