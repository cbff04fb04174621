"""Names of people and lines of addresses."""

from django.core.exceptions import ValidationError


def check_line(text: str) -> None:
    """One line of characters that can be seen. Raises `ValidationError`.

    Line breaks would end up in the headers of mails and on labels, and what cannot be seen deceives who reads it.
    """
    if not text.isprintable():
        raise ValidationError("This is one line, without anything invisible.", code="not_printable")
