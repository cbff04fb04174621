"""When somebody was last here."""

from django.db.models import QuerySet
from django.utils import timezone

from shop.states import Stale
from shop.users.models import User


def note_login(user: User, **_signal: object) -> None:
    """Write down when, past the guard: it is news to nobody, and two logins at once are no conflict.

    Django's own receiver would save the row, so that a login would make its ETag stale. Raises `Stale` for who was
    erased meanwhile.
    """
    user.last_login = timezone.now()
    known = QuerySet[User, User](User).filter(pk=user.pk, erased_at=None)
    if not known.update(last_login=user.last_login):
        raise Stale(f"{user.pk} is nobody any more")
