"""The list of products, a product's page, and the page that makes a new one."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from unfold.decorators import display

from shop import audit
from shop.admin.asking import ask
from shop.admin.buttons import button
from shop.admin.deeds import DeedsAdmin, perform
from shop.catalogue import services
from shop.catalogue.admin import deeds
from shop.catalogue.admin.fields import Variants, as_text
from shop.catalogue.models import Product
from shop.catalogue.search import matching
from shop.users.models import User


class NewProduct(deeds.Words):
    """What a product begins with; its prices come next."""

    variants = Variants()


@admin.register(Product)
class ProductAdmin(DeedsAdmin):
    list_display = ("name", "slug", "category", "on_sale", "updated_at")
    list_select_related = ("category",)
    list_filter = ("active",)
    list_filter_submit = False
    search_fields = ("name",)
    search_help_text = "Words of its name, its description or its options, or a SKU."
    ordering = ("-id",)
    fields = ("id", "name", "slug", "description", "category", "on_sale", "variants", "prices", "updated_at", "version")
    readonly_fields = fields
    actions_list: Any = ("make",)  # unfold's type is that of its default
    actions_detail = ("describe", "vary", "price", "archive", "restore")
    deeds = {
        "describe": deeds.Describe,
        "vary": deeds.Vary,
        "price": deeds.Price,
        "archive": deeds.Archive,
        "restore": deeds.Restore,
    }

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Product], search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        return (matching(queryset, search_term) if search_term.strip() else queryset), False

    @display(description="on sale", label={"yes": "success", "no": "warning"})
    def on_sale(self, product: Product) -> str:
        return "yes" if product.active else "no"

    @display(description="variants")
    def variants(self, product: Product) -> str:
        return as_text(list(product.variants.all()))

    @display(description="prices")
    def prices(self, product: Product) -> str:
        return "\n".join(f"{sku}: {', '.join(map(str, prices))}" for sku, prices in deeds.prices_of(product).items())

    @button("Add product", path="new", permission="catalogue.add_product", icon="add", is_main=True)
    def make(self, request: HttpRequest) -> HttpResponseBase:
        form = NewProduct(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                product = _made(form, cast("User", request.user))
            except services.Taken as refusal:
                form.add_error("slug" if refusal.member == "slug" else "variants", str(refusal.args[0]))
            else:
                self.message_user(request, f"{product} can be ordered once it has prices.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:catalogue_product_price", args=[product.pk]))
        back = reverse("admin:catalogue_product_changelist")
        return ask(request, self, form, title="A new product", button="Make it", back=back)

    @button("Describe", path="describe", permission="catalogue.change_product", icon="edit")
    def describe(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return perform(request, self, object_id, deeds.Describe)

    @button("Variants", path="variants", permission="catalogue.change_product", icon="category")
    def vary(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return perform(request, self, object_id, deeds.Vary)

    @button("Prices", path="prices", permission="catalogue.change_product", icon="sell")
    def price(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return perform(request, self, object_id, deeds.Price)

    @button("Archive", path="archive", permission="catalogue.change_product", icon="archive")
    def archive(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return perform(request, self, object_id, deeds.Archive)

    @button("Sell again", path="restore", permission="catalogue.change_product", icon="unarchive")
    def restore(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return perform(request, self, object_id, deeds.Restore)


@transaction.atomic
def _made(form: NewProduct, by: User) -> Product:
    product = services.create(**form.cleaned_data)
    after = {"slug": product.slug, "name": product.name, "variants": as_text(list(product.variants.all()))}
    audit.note(by=by, action="product.created", subject=f"products/{product.pk}", before={}, after=after)
    return product
