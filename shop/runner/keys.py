"""The secrets of an embedded stack: made once, kept with its data, never printed."""

import json
import secrets
from dataclasses import asdict, dataclass, fields

from shop.runner.home import Home


@dataclass(frozen=True)
class Keys:
    secret_key: str
    jwt_key: str
    postgres_password: str
    valkey_password: str
    oidc_private_key: str  # PEM


def keys_of(home: Home) -> Keys:
    """The keys of this home; made at its first start. Readable by whoever runs the stack, and nobody else.

    What a home lacks that was made before there was such a key is added; what it has stays.
    """
    file = home.state / "keys.json"
    kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    keys = Keys(**{field.name: kept.get(field.name) or _made(field.name) for field in fields(Keys)})
    if asdict(keys) != kept:
        home.write_private(file.name, json.dumps(asdict(keys)))
    return keys


def _made(name: str) -> str:
    return _rsa_key() if name == "oidc_private_key" else secrets.token_urlsafe(48)


def _rsa_key() -> str:
    """What id tokens are signed with: OpenID Connect wants RS256 of everybody."""
    from cryptography.hazmat.primitives import serialization as form  # slow to import, and needed once per home
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()).decode()
