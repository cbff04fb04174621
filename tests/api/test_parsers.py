from io import BytesIO
from typing import Any

import pytest
from rest_framework.exceptions import ParseError

from shop.api.parsers import JsonParser


def _parse(body: bytes) -> Any:  # whatever the body says
    return JsonParser().parse(BytesIO(body))


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, 2.5, "x", true, null]}', {"a": [1, 2.5, "x", True, None]}),
        (b' "\\u00fc\\ud83e\\udd8a" ', "ü🦊"),
        ("{'ü': '🦊'}".replace("'", '"').encode(), {"ü": "🦊"}),
        (b"12345678901234567890123", 12345678901234567890123),
        (b'"a\\u0000b"', "a\0b"),
        (b"[" * 100 + b"]" * 100, None),
    ],
)
def test_what_is_json_is_taken_as_it_is(body: bytes, value: object) -> None:
    parsed = _parse(body)

    assert value is None or parsed == value


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"{",
            b"NaN",
            b"-Infinity",
            b"1e999",
            b'"\xff"',
            b'"\\ud800"',
            b"\xef\xbb\xbf{}",
            b"{}x",
            b"[" * 100_000,
        ),
        *(b'{"a": 1, "a": 1}', b'[{"a": {"b": 1, "\\u0062": 2}}]'),
    ],
)
def test_what_is_no_json_is_refused_whatever_is_wrong_with_it(body: bytes) -> None:
    with pytest.raises(ParseError):
        _parse(body)
