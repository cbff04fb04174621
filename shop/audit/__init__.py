"""What staff changed, and how it was before: written beside the change, and never written again.

`note` stands in the transaction of the change, so that neither is there without the other. A person who is erased is
forgotten here too: that something was done to their rows stays, what was done does not.
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

from shop.bus import at_work

if TYPE_CHECKING:  # Django imports this package before it knows any model
    from shop.users.models import User


class NotInTransaction(RuntimeError):
    """What was done is noted in the transaction that does it; open `transaction.atomic()` around both."""


def note(
    *,
    by: "User | str",
    action: str,
    subject: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str = "",
    person: UUID | None = None,
) -> None:
    """Keep who did what to which subject (`orders/<id>`), with the values that it changed.

    `by` is who was signed in, or the name of the command that was run on the server.
    `person` is whose personal data the values or the reason may hold: they go when the person is erased. A subject
    `users/<id>` says so by itself. Secrets have no place here. Raises `NotInTransaction`.
    """
    from shop.audit.models import Entry

    if not connection.in_atomic_block:
        raise NotInTransaction(NotInTransaction.__doc__)
    Entry.objects.create(
        by=None if isinstance(by, str) else by,
        command=by if isinstance(by, str) else "",
        action=action,
        subject=subject,
        person=person or _named_in(subject),
        before=dict(before),
        after=dict(after),
        reason=reason,
        request=next((context.correlation for context in at_work()), ""),
    )


def forget(*, people: Collection[UUID]) -> None:
    """Erase what entries hold of some people; that there are entries stays."""
    from shop.audit.models import Entry

    Entry.objects.filter(person__in=people).update(before=None, after=None, reason="")


def _named_in(subject: str) -> UUID | None:
    kind, _, key = subject.partition("/")
    return UUID(key) if kind == "users" else None
