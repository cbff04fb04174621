"""How the admin shows what is only to be looked at: rows change through services, so that their news is told."""

from typing import Any, ClassVar

from django.contrib.admin.checks import ModelAdminChecks
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Rows to find and to look at."""

    # Unfold's own asks the database, which has no tables yet when `migrate` checks.
    checks_class: ClassVar[Any] = ModelAdminChecks
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without Django's bulk deletion, which nobody may use anyway."""
        return {name: told for name, told in super().get_actions(request).items() if name != "delete_selected"}
