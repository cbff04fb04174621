"""The words of mails: every kind in every language, as text and as HTML from the same source."""

import re
from html import unescape
from itertools import product
from typing import Any

import pytest
from django.template import Engine
from django.utils.html import strip_tags
from pytest_django import Settings

from notifications.channels import words
from notifications.channels.samples import samples
from notifications.models import Kind
from shop.users.models import Language

EVERY = [
    pytest.param(kind, variant, language, id=f"{kind}-{variant}-{language}")
    for (kind, variants), language in product(samples().items(), Language.values)
    for variant in variants
]
LACKING = "LACKING-{}"


@pytest.fixture(autouse=True)
def _tell_what_is_lacking(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What facts do not have would otherwise be passed over in silence."""
    build = words._engine

    def telling(*args: Any, **options: Any) -> Engine:
        engine = build(*args, **options)
        engine.string_if_invalid = LACKING
        return engine

    words._words.cache_clear()
    monkeypatch.setattr(words, "_engine", telling)
    yield
    words._words.cache_clear()


def _facts(kind: str, variant: str) -> dict[str, Any]:
    return samples()[kind][variant]


def _read(text: str) -> list[str]:
    """The words of a text without what stands between them."""
    return re.findall(r"\w+", text)


def test_there_are_samples_of_every_kind() -> None:
    assert samples().keys() == {*Kind.values, "account"}


@pytest.mark.parametrize(("kind", "variant", "language"), EVERY)
def test_every_kind_is_said_in_every_language_with_nothing_lacking(kind: str, variant: str, language: str) -> None:
    subject, text = words.said(kind, language, _facts(kind, variant))

    assert subject
    assert text
    assert "LACKING" not in subject + text
    assert not re.search(r"[{}]|\*\*|\n{3,}|\n ", text)


@pytest.mark.parametrize(("kind", "variant", "language"), EVERY)
def test_the_html_says_the_same_as_the_text(kind: str, variant: str, language: str) -> None:
    facts = _facts(kind, variant)
    subject, text = words.said(kind, language, facts)

    html = words.dressed(kind, language, facts)

    shown = _read(unescape(strip_tags(html.partition("<h1>")[2])))
    links = _read(" ".join(re.findall(r'href="([^"]+)"', html)))
    said = _read(f"{subject} {text}")
    assert [word for word in said if word not in shown and word not in links] == []
    assert [word for word in shown[: -len(_read("Shop http://localhost:8000"))] if word not in said] == []


@pytest.mark.parametrize(("kind", "variant", "language"), EVERY)
def test_the_html_loads_nothing_and_has_its_language(kind: str, variant: str, language: str) -> None:
    html = words.dressed(kind, language, _facts(kind, variant))

    assert f'<html lang="{language}"' in html
    assert not re.search(r"<(img|script|link|iframe|form)\b|@import|url\(", html)
    assert max(len(line.encode()) for line in html.splitlines()) < 998


def test_amounts_and_times_are_written_as_the_language_does() -> None:
    facts = _facts("action_required", "all")

    assert "1,083.00 EUR" in words.said("action_required", "en", facts)[1]
    assert "Nov. 25, 2026, 2:30 p.m. UTC" in words.said("action_required", "en", facts)[1]
    assert "1.083,00 EUR" in words.said("action_required", "de", facts)[1]
    assert "25. November 2026 14:30 UTC" in words.said("action_required", "de", facts)[1]


MARKUP = "{{ 7*7 }} {% now 'Y' %} [a](https://evil.example) **b** | c |"
EVIL = f"</td><script>alert(1)</script> <img src=x> {MARKUP}\r\nX: y"


@pytest.mark.parametrize("kind", ["received", "shipped", "stock_low", "account"])
def test_what_somebody_typed_is_said_as_it_is_and_never_becomes_markup(kind: str) -> None:
    facts = {
        "number": EVIL,
        "order_id": EVIL,
        "carrier": EVIL,
        "tracking_url": '"><script>alert(1)</script>',
        "complete": True,
        "lines": [{"sku": EVIL, "name": EVIL, "quantity": 1, "unit_price": 1}],
        "total": {"amount": 1, "currency": EVIL},
        "count": 1,
        "examples": [{"sku": EVIL, "location": EVIL, "available": 1, "threshold": 2}],
        "subject": EVIL,
        "text": EVIL,
    }
    clean = _facts(kind, next(iter(samples()[kind])))

    subject, text = words.said(kind, "en", facts)
    html = words.dressed(kind, "en", facts)

    assert "\n" not in subject
    assert MARKUP in text
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("</td>") <= words.dressed(kind, "en", clean).count("</td>")
    assert "{{ 7*7 }}" in html


def test_a_code_stands_large_by_itself_and_an_address_is_a_link() -> None:
    code = words.dressed("account", "en", _facts("account", "code"))
    notice = words.dressed("account", "en", _facts("account", "notice"))

    assert '<p class="code">BCDF-GHJK</p>' in code
    assert '<a href="http://localhost:8000/password-reset"' in notice
    assert "- IP address: 192.0.2.7<br>- Browser: Firefox<br>" in notice


def test_a_mail_is_compiled_once() -> None:
    compiled = [words._words("welcome", "en", words._sender("en")) for _ in range(2)]

    assert compiled[0] is compiled[1]


def test_the_shops_name_is_said_as_it_is_whatever_it_is(settings: Settings) -> None:
    settings.SHOP_NAME = "Tea & {{ Coffee }} {% if %}"

    html = words.dressed("welcome", "en", {})

    assert "Tea &amp; {{ Coffee }} {% if %}" in html
