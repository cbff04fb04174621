"""The pages of the admin that ask before something is done, as a browser fills them in."""

import re
from typing import Any

from django.test import Client


def form_of(browser: Client, address: str) -> dict[str, str]:
    """What the page's form holds when it is shown."""
    page = browser.get(address)
    assert page.status_code == 200, page.status_code
    form = page.context["form"]
    return {field.name: "" if field.value() in {None, False} else str(field.value()) for field in form}


def confirm(browser: Client, address: str, **answers: Any) -> str:
    """Fill in the page and send it off; what is None is left away, as an empty box is. Returns what one comes to."""
    form = form_of(browser, address) | answers
    return send(browser, address, {name: answer for name, answer in form.items() if answer is not None})


def send(browser: Client, address: str, form: dict[str, Any]) -> str:
    """Send a form as it is, once more perhaps; returns the page that one comes to, in one line."""
    answer = browser.post(address, form, follow=True)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", answer.content.decode())
