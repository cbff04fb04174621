"""Sessions in the database (SESSION_ENGINE), each beside its person, so that erasing somebody finds all of theirs."""

from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from shop.prepared import columns, loaded, prepared
from shop.sweeping import sweep
from shop.users.models import Session, User

_STRANGERS = 3600  # seconds that a sign-up, a login or a reset may take that nobody finishes
_KEY_LENGTH = 32

# Where allauth keeps who somebody says to be while it is not proven yet, and under which name.
_PENDING = {
    "account_login": "user_pk",
    "account_email_verification_code": "user_id",
    "account_password_reset_verification": "user_id",
}


class SessionStore(DatabaseSessions):
    """Django's, but that it knows its person, and forgets strangers after an hour."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = super().create_model_instance(data)
        assert isinstance(session, Session)  # noqa: S101 - Django's types know the base only
        pending = [data[name] for name in _PENDING if isinstance(data.get(name), dict)]
        session.user_id = _person(data)
        session.claimed = next((Session.digest_of(state["email"]) for state in pending if state.get("email")), "")
        return session

    def get_session_cookie_age(self) -> int:
        return settings.SESSION_COOKIE_AGE if self.get(SESSION_KEY) else _STRANGERS

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        super().save(must_create=must_create)
        sweep(lambda: Session.objects.filter(expire_date__lt=timezone.now()).order_by("expire_date"))

    def _validate_session_key(self, key: str | None) -> bool:
        """What cannot be a key is not looked for: it comes from a header that may hold anything."""
        return key is not None and len(key) == _KEY_LENGTH and key.isascii() and key.isalnum()


def person_of(session_key: str) -> User | None:
    """Who is logged in by this session, in one question; None where allauth would have to look closely."""
    session = SessionStore(session_key)
    with prepared() as cursor:
        cursor.execute(_person_and_session(), [session.session_key, timezone.now()])
        row = cursor.fetchone()
    if row is None:
        return None
    values = iter(row)
    data, user = session.decode(next(values)), loaded(User, values)
    return user if user.is_active and _is_logged_in(user, data) else None


@cache
def _person_and_session() -> str:
    return (
        f"SELECT session.session_data, {columns(User, 'person')} FROM users_session AS session"  # noqa: S608 - names
        " JOIN users_user AS person ON person.id = session.user_id"
        " WHERE session.session_key = %s AND session.expire_date > %s"
    )


def _is_logged_in(user: User, data: dict[str, Any]) -> bool:
    """Not only about to be, and with the password that the session began with."""
    return (
        data.get(SESSION_KEY) == str(user.pk)
        and data.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )


def _person(data: dict[str, Any]) -> UUID | None:
    claims = (data[name].get(key) for name, key in _PENDING.items() if isinstance(data.get(name), dict))
    found = data.get(SESSION_KEY) or next(filter(None, claims), None)
    return UUID(found) if found else None
