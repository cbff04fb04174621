"""How messages are shown: their HTML in a frame of its own, where nothing of it can run or lead anywhere."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString


def html(markup: str) -> SafeString:
    return render_to_string("admin/notifications/message/html.html", {"html": markup})


def text(words: str) -> SafeString:
    return render_to_string("admin/notifications/message/text.html", {"text": words})


def label(word: str, tone: str) -> SafeString:
    return render_to_string("unfold/helpers/label.html", {"text": word, "type": tone})
