"""What MkDocs calls: before anything the code is loaded, and every page gets what it asks to have made."""

import os
import re
from importlib import import_module
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.structure.pages import Page

_LINK = re.compile(r"\[([^]]+)\]\((\.\./[^)#]+)\)")
_ASKED = re.compile(r"^<!-- made: (\w+) -->$", re.MULTILINE)


def on_startup(**_options: Any) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    os.environ.setdefault("SECRET_KEY", "signs nothing here")
    django.setup()


def on_page_markdown(markdown: str, page: "Page", **_options: Any) -> str:
    """A page with everything that it asks for. Who asks for what nobody makes stops the build."""
    return _ASKED.sub(lambda asked: made(asked[1]), _within_the_site(markdown, dirname(page.file.src_uri)))


def _within_the_site(markdown: str, folder: str) -> str:
    """What lies beside `docs/` in the checkout is not on the site: of a link to it only the words are left."""

    def kept(link: re.Match[str]) -> str:
        return link[1] if normpath(join(folder, link[2])).startswith("..") else link[0]

    return _LINK.sub(kept, markdown)


def made(name: str) -> str:
    text: str = import_module(f"handbook.{name}").made()
    return text
