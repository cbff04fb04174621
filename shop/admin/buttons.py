"""Buttons above a list or beside a row's page, each with the permission that it takes."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from unfold.decorators import action
from unfold.enums import ActionVariant

Page = TypeVar("Page", bound=Callable[..., Any])


def button(
    label: str, *, path: str, permission: str, icon: str | None = None, is_main: bool = False
) -> Callable[[Page], Page]:
    """Make a method of an admin the page behind a button; name it in `actions_list` or `actions_detail`.

    `permission` is one of Django's such as `orders.view_order`, or `<name>` for the admin's
    `has_<name>_permission(request, object_id=None)`. Who lacks it sees no button and gets 403.
    """
    variant = ActionVariant.PRIMARY if is_main else ActionVariant.DEFAULT
    made = action(description=label, url_path=path, permissions=[permission], icon=icon, variant=variant)
    return cast("Callable[[Page], Page]", made)
