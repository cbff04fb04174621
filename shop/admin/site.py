"""`/admin/`: the shop as its staff see it. Each domain registers what it shows there in its `admin.py`."""

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar, cast

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from shop.admin.dashboard import on_dashboard
from shop.admin.forms import StaffSignInForm
from shop.bus import act_as

if TYPE_CHECKING:
    from shop.users.models import User

# Unfold's pages run Alpine, which makes functions of attributes, and set styles in place. No script stands in a page.
_PAGE = {
    "default-src": [NONE],
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class ShopAdminSite(UnfoldAdminSite):
    """Unfold's, with a door of our own, and with the name of who acts in all that follows."""

    login_form = StaffSignInForm

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:  # Django's own types
        """Ours only: what packages would show by themselves is written past our services, secrets included."""
        if admin_class is not None and issubclass(admin_class, ModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    @method_decorator(csp_replace(_PAGE))
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        answer: HttpResponse = super().login(request, extra_context)
        return answer

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What each app wants its staff to see at once, and all lists."""
        shown = on_dashboard(cast("User", request.user))
        return super().index(request, {**shown, "title": "Dashboard", **(extra_context or {})})

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        def named(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
            act_as(f"user:{request.user.pk}")
            return view(request, *args, **options)

        return cast("View", csp_replace(_PAGE)(super().admin_view(update_wrapper(named, view), cacheable)))
