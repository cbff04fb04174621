"""Every scope, and the operations that need it."""

from handbook.markdown import code, table
from handbook.operations import operations, scope
from shop.api.scopes import SCOPES


def made() -> str:
    return table(
        ("scope", "allows to", "operations"), ((code(name), words, _needing(name)) for name, words in SCOPES.items())
    )


def _needing(name: str) -> str:
    found = [
        code(f"{method.upper()} {path.removeprefix('/api/v1')}")
        for path, method, each in operations()
        if code(name) in scope(each)
    ]
    return ", ".join(found) or "none yet"
