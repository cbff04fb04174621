"""The words of mails: one text per kind and language, from which the plain text and the HTML are made alike.

A text is a Django template with a little Markdown, in parts between empty lines: the first is the subject,
`[label](address)` a button, `| left | right |` a row of a table, all else a paragraph; `**bold**` is bold. A tag on a
line of its own holds for the parts up to its end. The Markdown is read once, before any facts are filled in: what
customers and staff have typed can never become markup, and nothing of it is parsed per mail.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Template as Source
from typing import Any, NamedTuple

import mrml
from django.conf import settings
from django.template import Context, Engine, Template
from django.utils import translation
from django.utils.html import escape

from notifications.channels import formats

WORDS = Path(__file__).parent.parent / "words"

_TAG = re.compile(r"\{%[^%\n]*%\}")
_PART = re.compile(rf"\n{{2,}}|^({_TAG.pattern}|\|.*\|)$", re.MULTILINE)
_BUTTON = re.compile(r"\[(.+)\]\((.+)\)")
_ROW = re.compile(r"\| (.+?) \|(?: (.+?) \|)?")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_GAP = re.compile(r"\n{3,}")
_BREAKABLE = re.compile(r"(?=<(?:table|tr|td|div|p|meta|style)\b)")


class Words(NamedTuple):
    """What a kind of mail says in one language, ready to be filled in."""

    subject: Template
    text: Template
    html: Template


def said(kind: str, language: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and plain text."""
    words = _words(kind, language, _sender(language))
    with translation.override(language):
        subject = words.subject.render(Context(facts, autoescape=False))
        text = words.text.render(Context(facts, autoescape=False))
    return " ".join(subject.split()), _GAP.sub("\n\n", text).strip()


def dressed(kind: str, language: str, facts: Mapping[str, Any]) -> str:
    """The same as HTML."""
    words = _words(kind, language, _sender(language))
    with translation.override(language):
        return str(words.html.render(Context(facts)))


def signed(text: str) -> str:
    """A plain text as it is sent, with who sends it."""
    return f"{text}\n\n-- \n{settings.SHOP_NAME}\n{settings.FRONTEND_URL}\n"


def _sender(language: str) -> tuple[tuple[str, str], ...]:
    """What every mail in a language says alike, by its name in the words."""
    return ("language", language), ("shop", settings.SHOP_NAME), ("home", settings.FRONTEND_URL)


@cache
def _words(kind: str, language: str, told: tuple[tuple[str, str], ...]) -> Words:
    source = (WORDS / language / f"{kind}.txt").read_text()
    subject, *parts = [part.strip() for part in _PART.split(source) if part and part.strip()]
    text, html = _engine(formats.in_text, autoescape=False), _engine(formats.in_html, autoescape=True)
    return Words(
        subject=text.from_string(_told(subject, told)),
        text=text.from_string(_told("".join(_as_text(parts)), told)),
        html=html.from_string(_told(_as_html(subject, parts), [(name, escape(value)) for name, value in told])),
    )


def _told(source: str, told: Iterable[tuple[str, str]]) -> str:
    """What is the same in every mail is filled in once; a brace in it is a brace."""
    for name, value in told:
        source = source.replace(f"{{{{ {name} }}}}", value.replace("{", "{% templatetag openbrace %}"))
    return source


def _engine(library: Any, *, autoescape: bool) -> Engine:  # django.template.Library, which the stubs hide
    engine = Engine(autoescape=autoescape)
    engine.template_builtins += [formats.everywhere, library]
    return engine


def _as_text(parts: list[str]) -> Iterator[str]:
    for part in parts:
        if _TAG.fullmatch(part):
            yield part
        elif button := _BUTTON.fullmatch(part):
            yield f"\n\n{button[1]}: {button[2]}\n\n"
        elif row := _ROW.fullmatch(part):
            yield ": ".join(_plain(cell) for cell in row.groups() if cell) + "\n"
        else:
            yield f"\n\n{_plain(part)}\n\n"


def _as_html(subject: str, parts: list[str]) -> str:
    """Compiled from MJML with its tags in place; in lines, since mail servers take none of a thousand letters."""
    layout = Source((WORDS / "layout.mjml").read_text())
    preview = subject if _TAG.fullmatch(parts[0]) else parts[0]  # what a list of mails shows beside the subject
    mjml = layout.substitute(subject=subject, preview=preview, words="\n".join(_as_mjml(parts)))
    return _BREAKABLE.sub("\n", mrml.to_html(mjml).content)


def _as_mjml(parts: list[str]) -> Iterator[str]:
    for part in parts:
        if _TAG.fullmatch(part):
            yield f"<mj-raw>{part}</mj-raw>"
        elif button := _BUTTON.fullmatch(part):
            yield f'<mj-button href="{button[2]}">{button[1]}</mj-button>'
        elif row := _ROW.fullmatch(part):
            left, right = (_bold(cell or "") for cell in row.groups())
            yield f'<mj-table><tr><td class="left">{left}</td><td class="right">{right}</td></tr></mj-table>'
        else:
            yield f"<mj-text>{_bold(part)}</mj-text>"


def _plain(part: str) -> str:
    return _BOLD.sub(r"\1", part)


def _bold(part: str) -> str:
    return _BOLD.sub(r"<strong>\1</strong>", part)
