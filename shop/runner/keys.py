"""The secrets of an embedded stack: made once, kept with its data, never printed."""

import json
import secrets
from dataclasses import asdict, dataclass

from shop.runner.home import Home


@dataclass(frozen=True)
class Keys:
    secret_key: str
    postgres_password: str
    valkey_password: str


def keys_of(home: Home) -> Keys:
    """The keys of this home; made at its first start. Readable by whoever runs the stack, and nobody else."""
    file = home.state / "keys.json"
    try:
        return Keys(**json.loads(file.read_text()))
    except FileNotFoundError:
        keys = Keys(*(secrets.token_urlsafe(48) for _ in range(3)))
        home.write_private(file.name, json.dumps(asdict(keys)))
        return keys
