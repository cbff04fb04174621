"""Facts to try every mail with, by kind and variant."""

import tomllib
from functools import cache
from typing import Any

from notifications.channels.words import WORDS

Samples = dict[str, dict[str, dict[str, Any]]]


@cache
def samples() -> Samples:
    return tomllib.loads((WORDS / "samples.toml").read_text())
