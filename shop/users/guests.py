"""What a guest has instead of an account: a token that opens the order that it was handed out with, and nothing else.

The token is the order's id and our signature of it. So it needs no table, and can be made again whenever the answer
that it was part of is asked for again: nowhere is it kept.
"""

from dataclasses import dataclass
from uuid import UUID

from django.core import signing

PREFIX = "guest_"

_SCOPES = frozenset({"orders:read", "orders:write", "payments:read"})


@dataclass(frozen=True, slots=True)
class GuestGrant:
    """What a guest's token allows: to see and to cancel one order."""

    order_id: UUID
    scopes: frozenset[str] = _SCOPES


def token_for(order_id: UUID) -> str:
    return PREFIX + _signer().sign(order_id.hex)


def read(token: str) -> GuestGrant | None:
    """What a token opens; None for one that is not ours."""
    try:
        return GuestGrant(UUID(_signer().unsign(token.removeprefix(PREFIX))))
    except signing.BadSignature:
        return None


def _signer() -> signing.Signer:
    return signing.Signer(salt="shop.guests", sep=".")
