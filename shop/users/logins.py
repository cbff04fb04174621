"""When somebody was last here, and where they are logged in."""

from allauth.usersessions.models import UserSession
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from shop.states import Stale
from shop.users.models import Session, User


def note_login(user: User, **_signal: object) -> None:
    """Write down when, past the guard: it is news to nobody, and two logins at once are no conflict.

    Django's own receiver would save the row, so that a login would make its ETag stale. Raises `Stale` for who was
    erased meanwhile.
    """
    user.last_login = timezone.now()
    known = QuerySet[User, User](User).filter(pk=user.pk, erased_at=None)
    if not known.update(last_login=user.last_login):
        raise Stale(f"{user.pk} is nobody any more")


def list_session(request: HttpRequest, user: User, **_signal: object) -> None:
    """Add this session to the person's list, without those that have ended.

    allauth's own receiver reads each session for it: whoever logs in often would log in ever more slowly.
    """
    alive = Session.objects.filter(user=user).values("session_key")
    UserSession.objects.filter(user=user).exclude(session_key__in=alive).delete()
    UserSession.objects.create_from_request(request)
