"""How amounts, times and paragraphs stand in a mail; numbers and dates as its language writes them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.template import Library
from django.utils.formats import date_format, number_format
from django.utils.html import linebreaks, urlize
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from shop.money import Money

everywhere, in_html, in_text = Library(), Library(), Library()


@everywhere.filter
def money(value: Mapping[str, Any]) -> str:
    """`{"amount": 123456, "currency": "EUR"}` as 1,234.56 EUR, or as 1.234,56 EUR in German."""
    return _shown(Money(value["amount"], value["currency"]), get_language())


@lru_cache(maxsize=1024)  # a mail says most amounts more than once, and an order's mails say the same ones
def _shown(amount: Money, _language: str | None) -> str:
    return f"{number_format(amount.decimal, amount.exponent, force_grouping=True)} {amount.currency}"


@everywhere.filter
def each(line: Mapping[str, Any], total: Mapping[str, Any]) -> dict[str, Any]:
    """What all pieces of an ordered line cost, in the currency of the order's total."""
    return {"amount": line["quantity"] * line["unit_price"], "currency": total["currency"]}


@everywhere.filter
def moment(value: str) -> str:
    """A moment (RFC 3339), in UTC, such as Nov. 25, 2026, 1:30 p.m. UTC."""
    return f"{date_format(datetime.fromisoformat(value).astimezone(UTC), 'DATETIME_FORMAT')} UTC"


@in_html.filter(name="paragraphs", needs_autoescape=True)
def _marked_up(text: str, autoescape: bool = True) -> SafeString:  # noqa: FBT001, FBT002 - Django's signature
    """Plain text of somebody else's: its paragraphs, its addresses as links, its codes large."""
    code = '<p class="code">\\1</p>'
    marked = linebreaks(urlize(_unwrapped(text), autoescape=autoescape), autoescape=False)
    return SafeString(re.sub(r"<p>([A-Z0-9]+(?:-[A-Z0-9]+)+|\d{4,})</p>", code, marked))


@in_text.filter(name="paragraphs")
def _as_it_is(text: str) -> str:
    return text


def _unwrapped(text: str) -> str:
    """Lines that go on are one paragraph; those of a list are not."""
    return re.sub(r"(?<=\S)\n(?=[^\s-])", " ", text)
