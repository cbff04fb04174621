"""Names of people."""

from django.core.exceptions import ValidationError


def check_name(name: str) -> None:
    """A name is one line of characters that can be seen. Raises `ValidationError`.

    Line breaks would end up in the headers of mails, and what cannot be seen deceives who reads it.
    """
    if not name.isprintable():
        raise ValidationError("A name has no line breaks and nothing invisible.", code="not_printable")
