"""Answers kept under their Idempotency-Key: claimed with one statement, written down with another."""

import hashlib
import json
from collections.abc import Mapping
from typing import NamedTuple

from django.db import IntegrityError

from shop.api.problems import Problem
from shop.prepared import prepared


class Claim(NamedTuple):
    """Whose key it is, for what, and what it is."""

    caller: str
    target: str
    key: str

    @property
    def number(self) -> int:
        """A number for an advisory lock, which no other claim is likely to have."""
        digest = hashlib.sha256("\n".join(self).encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


class Kept(NamedTuple):
    """An answer that was given once."""

    body_digest: bytes
    status: int
    headers: Mapping[str, str]
    body: str


# The lock is taken without waiting: a unique insert would wait for the other's commit. Who commits between our look and
# our lock is not seen here; then the unique insert fails at once.
_TAKE = """
SELECT pg_try_advisory_xact_lock(%s::bigint), kept.body_digest, kept.status, kept.headers::text, kept.body
FROM (VALUES (0)) AS one
LEFT JOIN api_idempotentanswer AS kept ON kept.caller = %s AND kept.target = %s AND kept.key = %s
"""

_KEEP = """
INSERT INTO api_idempotentanswer (caller, target, key, body_digest, status, headers, body, created_at)
VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, shop_now())
"""


def take(claim: Claim) -> Kept | None:
    """Claim the key until the transaction ends; what was answered under it before. Raises `Problem`: it is in use."""
    with prepared() as cursor:
        cursor.execute(_TAKE, [claim.number, *claim])
        is_ours, digest, status, headers, body = cursor.fetchone()
    if not is_ours:
        raise _in_use()
    return None if digest is None else Kept(bytes(digest), status, json.loads(headers), body)


def keep(claim: Claim, answer: Kept) -> None:
    """Write down what is answered. Raises `Problem`: somebody else has just answered under this key."""
    digest, status, headers, body = answer
    try:
        with prepared() as cursor:
            cursor.execute(_KEEP, [*claim, digest, status, json.dumps(headers), body])
    except IntegrityError as error:
        raise _in_use() from error


def _in_use() -> Problem:
    detail = "A request with this Idempotency-Key is still running."
    return Problem(409, "idempotency_key_in_use", detail, headers={"Retry-After": "1"})
