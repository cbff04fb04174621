"""What can be done with API keys: issue, find, revoke, and note that they were used."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from shop.prepared import columns, loaded, prepared
from shop.users.models import ApiKey, User

LIVE, TEST = "sk_live_", "sk_test_"
"""How secrets begin; those of a shop that is only played with say so."""
LIFETIME = timedelta(days=90)
"""How long a key lives unless told otherwise."""
LONGEST = timedelta(days=366)
MOST_LIVE = 50
"""How many keys of one owner may be live at once."""

_NOTED_EVERY = timedelta(minutes=1)


class TooManyKeys(RuntimeError):
    """This account has as many live API keys as it may have; revoke one first."""


@transaction.atomic(savepoint=False)
def issue(*, owner: User, name: str, scopes: Iterable[str], expires_at: datetime | None = None) -> tuple[str, ApiKey]:
    """Make a key; its secret can be shown only now. Raises `TooManyKeys`."""
    ensure_room(owner=owner)
    secret, key = draft(owner=owner, name=name, scopes=scopes, expires_at=expires_at)
    key.save()
    return secret, key


@transaction.atomic(savepoint=False)
def revoke(*, key: ApiKey) -> None:
    """Let the key speak for nobody any more; once revoked it stays as it is."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        key.refresh_from_db(fields=["revoked_at"])


def draft(*, owner: User, name: str, scopes: Iterable[str], expires_at: datetime | None = None) -> tuple[str, ApiKey]:
    """A new secret and its key, which is not saved yet."""
    secret = f"{TEST if settings.DEVELOPMENT else LIVE}{secrets.token_urlsafe(32)}"
    return secret, ApiKey(
        owner=owner,
        name=name,
        prefix=secret[:12],
        digest=_digest(secret),
        scopes=sorted(set(scopes)),
        expires_at=expires_at or timezone.now() + LIFETIME,
    )


def ensure_room(*, owner: User) -> None:
    """Two who make keys for one owner at once come one after the other. Raises `TooManyKeys`."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=owner.pk)
    if ApiKey.objects.filter(owner=owner, revoked_at=None, expires_at__gt=timezone.now()).count() >= MOST_LIVE:
        raise TooManyKeys(TooManyKeys.__doc__)


def check_end(expires_at: datetime) -> None:
    """A validator: a key ends in the future, and not too far in it."""
    now = timezone.now()
    if expires_at <= now:
        raise ValidationError("A key has to end in the future.", "past")
    if expires_at > now + LONGEST:
        raise ValidationError(f"A key lives {LONGEST.days} days at most.", "too_late")


def find(secret: str) -> ApiKey | None:
    """The key with this secret and its owner, whatever state they are in."""
    with prepared() as cursor:
        cursor.execute(_key_and_owner(), [_digest(secret)])
        row = cursor.fetchone()
    if row is None:
        return None
    values = iter(row)
    key = loaded(ApiKey, values)
    key.owner = loaded(User, values)
    return key


@cache
def _key_and_owner() -> str:
    return (
        f"SELECT {columns(ApiKey, 'key')}, {columns(User, 'owner')} FROM users_apikey AS key"  # noqa: S608 - names
        " JOIN users_user AS owner ON owner.id = key.owner_id WHERE key.digest = %s"
    )


def note_use(*, key: ApiKey) -> None:
    """Keep that the key is in use: once a minute at most, and never waiting for another who is about to keep it too."""
    now = timezone.now()
    if key.last_used_at is not None and now - key.last_used_at < _NOTED_EVERY:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE users_apikey SET last_used_at = %(now)s WHERE id = (SELECT id FROM users_apikey"
            " WHERE id = %(id)s AND (last_used_at IS NULL OR last_used_at <= %(before)s)"
            " FOR NO KEY UPDATE SKIP LOCKED)",
            {"now": now, "id": key.pk, "before": now - _NOTED_EVERY},
        )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
