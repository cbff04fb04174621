"""Who acted: events know actors such as `user:0199...` or `key:0199...`, people know names."""

from collections.abc import Iterable
from uuid import UUID

from shop.users.models import ApiKey, User


def named(actors: Iterable[str]) -> dict[str, str]:
    """What to call each of these, in two queries: an e-mail address, or whose key it was; what is unknown as it is."""
    ids: dict[str, set[UUID]] = {"user": set(), "key": set()}
    for actor in actors:
        kind, _, key = actor.partition(":")
        if kind in ids and _is_id(key):
            ids[kind].add(UUID(key))
    users = User.objects.filter(pk__in=ids["user"]).values_list("pk", "email")
    keys = ApiKey.objects.filter(pk__in=ids["key"]).values_list("pk", "name", "owner__email")
    return {f"user:{pk}": email for pk, email in users} | {
        f"key:{pk}": f"{email} (key {name})" for pk, name, email in keys
    }


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
