"""The tree of categories. Nobody listens to it, so that its rows are simply saved; the audit keeps what was before."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from shop import audit
from shop.catalogue.models import Category
from shop.users.models import User

_COLUMNS = ("slug", "name", "parent", "position")


class CategoryForm(forms.ModelForm[Category]):
    """A category that is not below itself."""

    class Meta:
        model = Category
        fields = _COLUMNS

    def clean_parent(self) -> Category | None:
        parent: Category | None = self.cleaned_data["parent"]
        below = Category.objects.branch(self.instance.slug) if parent and self.instance.slug else []
        if parent in below:
            raise forms.ValidationError("A category is not below itself.", code="circle")
        return parent


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    form = CategoryForm
    list_display = ("name", "slug", "parent", "position")
    list_select_related = ("parent",)
    search_fields = ("name", "slug")
    actions_detail_hide_default = True  # the audit has the history

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Products and addresses refer to it."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = {name: form.initial.get(name) for name in _COLUMNS} if change else {}
        super().save_model(request, obj, form, change)
        audit.note(
            by=cast("User", request.user),
            action="category.changed" if change else "category.created",
            subject=f"categories/{obj.pk}",
            before=before,
            after={"slug": obj.slug, "name": obj.name, "parent": obj.parent_id, "position": obj.position},
        )
