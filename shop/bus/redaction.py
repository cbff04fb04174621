"""What people at screens are not shown of events and errors: personal data, and what speaks for money or for people."""

import re
from typing import Any

HIDDEN = "(hidden)"

_NAMES = {
    *("email", "recipient", "recipients", "customer_name", "phone", "address", "shipping_address", "billing_address"),
    *("line1", "line2", "city", "postal_code", "region", "tracking_number", "tracking_url"),
    *("payment_method", "method", "token", "secret", "password"),
}
"""Fields whose values are hidden whatever they look like."""
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_TOKEN = re.compile(r"\b(?:pm|pi|ch|re|seti|tok|src|card|sk|rk|whsec|guest)_\w{6,}")


def redacted(value: Any, name: str = "") -> Any:
    """The same value without what is not for everybody's eyes; `name` is that of the field it stands in."""
    if isinstance(value, dict):
        return HIDDEN if name in _NAMES and value else {key: redacted(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [redacted(inner, name) for inner in value]
    if isinstance(value, str) and value:
        return HIDDEN if name in _NAMES else _TOKEN.sub(HIDDEN, _EMAIL.sub(HIDDEN, value))
    return value


def restored(edited: Any, original: Any, name: str = "") -> Any:
    """What somebody made of a redacted value, with what was hidden put back where it stands as it was shown."""
    if edited == redacted(original, name):
        return original
    if isinstance(edited, dict) and isinstance(original, dict):
        return {key: restored(inner, original.get(key), key) for key, inner in edited.items()}
    if isinstance(edited, list) and isinstance(original, list):
        pairs = zip(edited, [*original, *[None] * len(edited)], strict=False)
        return [restored(inner, was, name) for inner, was in pairs]
    return edited


def hides(value: Any) -> bool:
    """Whether something hidden is left in a value: it was moved to where nothing is known of it."""
    if isinstance(value, dict):
        return any(hides(inner) for inner in value.values())
    if isinstance(value, list):
        return any(hides(inner) for inner in value)
    return isinstance(value, str) and HIDDEN in value
