"""What MkDocs calls: before anything the code is loaded, and every page gets what it asks to have made."""

import os
import re
from importlib import import_module
from typing import Any

_ASKED = re.compile(r"^<!-- made: (\w+) -->$", re.MULTILINE)


def on_startup(**_options: Any) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    os.environ.setdefault("SECRET_KEY", "signs nothing here")
    django.setup()


def on_page_markdown(markdown: str, **_page: Any) -> str:
    """A page with everything that it asks for. Who asks for what nobody makes stops the build."""
    return _ASKED.sub(lambda asked: made(asked[1]), markdown)


def made(name: str) -> str:
    text: str = import_module(f"handbook.{name}").made()
    return text
