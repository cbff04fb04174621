"""Answers kept under their Idempotency-Keys: some at once are claimed with one statement, written with another."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
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


# The locks are taken without waiting: a unique insert would wait for the other's commit. Who commits between our look
# and our lock is not seen here; then the unique insert fails at once.
_TAKE = """
SELECT
    pg_try_advisory_xact_lock(number), kept.*,
    set_config('lock_timeout', coalesce(%s, current_setting('lock_timeout')), true)
FROM ROWS FROM (
    json_to_recordset(%s::json) AS (number bigint, caller text, target text, key text)
) WITH ORDINALITY AS claim (number, caller, target, key, place)
LEFT JOIN LATERAL (
    SELECT body_digest, status, headers::text, body FROM api_idempotentanswer AS answer
    WHERE (answer.caller, answer.target, answer.key) = (claim.caller, claim.target, claim.key) LIMIT 1
) AS kept ON true
ORDER BY place
"""

_KEEP = """
INSERT INTO api_idempotentanswer (caller, target, key, body_digest, status, headers, body, created_at)
SELECT caller, target, key, decode(digest, 'base64'), status, headers, body, shop_now()
FROM json_to_recordset(%s::json)
    AS answer (caller text, target text, key text, digest text, status smallint, headers jsonb, body text)
"""


def take(claims: Sequence[Claim], *, patience: str | None = None) -> list[Kept | Problem | None]:
    """Claim keys until the transaction ends; what was answered under each before, or that it is in use.

    `patience` is how long this transaction waits for any lock from now on, if not as long as others do.
    """
    with prepared() as cursor:
        numbered = [{"number": claim.number, **claim._asdict()} for claim in claims]
        cursor.execute(_TAKE, [patience, _json(numbered)])
        rows = cursor.fetchall()
    return [
        _found(*row[:-1]) if claim not in claims[:place] else _in_use()  # a lock that we have is given to us again
        for place, (claim, row) in enumerate(zip(claims, rows, strict=True))
    ]


def keep(answers: Mapping[Claim, Kept]) -> None:
    """Write down what is answered. Raises `Problem`: somebody else has just answered under such a key."""
    rows = [
        {
            **claim._asdict(),
            "digest": answer.body_digest,
            "status": answer.status,
            "headers": answer.headers,
            "body": answer.body,
        }
        for claim, answer in answers.items()
    ]
    try:
        with prepared() as cursor:
            cursor.execute(_KEEP, [_json(rows)])
    except IntegrityError as error:
        raise _in_use() from error


def _found(is_ours: bool, digest: bytes | None, status: int, headers: str, body: str) -> Kept | Problem | None:  # noqa: FBT001 - a row
    if not is_ours:
        return _in_use()
    return None if digest is None else Kept(bytes(digest), status, json.loads(headers), body)


def _json(rows: Sequence[Mapping[str, object]]) -> str:
    return msgspec.json.encode(rows).decode()


def _in_use() -> Problem:
    detail = "A request with this Idempotency-Key is still running."
    return Problem(409, "idempotency_key_in_use", detail, headers={"Retry-After": "1"})
