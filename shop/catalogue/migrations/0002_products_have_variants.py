"""A product used to be what is ordered. Now it has variants, which are; each product becomes one with one variant."""

from functools import reduce
from operator import add
from typing import Any

import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import TrigramExtension
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import migrations, models
from django.db.models.functions import Lower
from django.utils.text import slugify

SLUG = "^[a-z0-9]+(-[a-z0-9]+)*$"
UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

WORDS = reduce(
    add,
    (
        SearchVector(column, config=configuration, weight=weight)
        for column, weight in (("name", "A"), ("keywords", "B"), ("description", "C"))
        for configuration in ("simple", "english", "german")
    ),
)

# Two who move categories at once would each see a tree without a circle: they take turns, and look after the other.
CATEGORIES_HAVE_NO_CIRCLE = """
CREATE FUNCTION category_is_not_below_itself() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('category_is_not_below_itself'));
    IF EXISTS (
        WITH RECURSIVE above (id) AS (
            SELECT NEW.parent_id
            UNION
            SELECT category.parent_id FROM catalogue_category AS category JOIN above ON category.id = above.id
        )
        SELECT FROM above WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'category_is_not_below_itself',
            MESSAGE = 'category_is_not_below_itself: a category cannot be part of its own subcategories';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER category_is_not_below_itself AFTER INSERT OR UPDATE OF parent_id ON catalogue_category
FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION category_is_not_below_itself();
"""


def move(apps: Any, editor: Any) -> None:
    """A variant for each product, with its SKU and its prices."""
    Product, Variant, Price, LowestPrice = (
        apps.get_model("catalogue", name) for name in ("Product", "Variant", "Price", "LowestPrice")
    )
    taken = set()
    for product in Product.objects.order_by("id"):
        slug = slugify(product.sku)
        product.slug = slug if slug and slug not in {*taken, "bulk"} else f"{slug}-{product.pk.hex}".strip("-")
        taken.add(product.slug)
        product.keywords = product.sku
        product.save(update_fields=["slug", "keywords"])
        variant = Variant.objects.create(product=product, sku=product.sku)
        for price in Price.objects.filter(product=product):
            price.variant = variant
            price.save(update_fields=["variant"])
            LowestPrice.objects.create(product=product, currency=price.currency, amount=price.amount)
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # tables with checks still to come cannot be altered


class Migration(migrations.Migration):

    dependencies = [
        ("catalogue", "0001_initial"),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="Availability",
            fields=[
                ("sku", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("available", models.BooleanField()),
            ],
            options={"verbose_name_plural": "availability"},
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ("slug", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=200)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("parent", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="children", to="catalogue.category")),
            ],
            options={
                "verbose_name_plural": "categories",
                "ordering": ["position", "name", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=["slug"], name="category_slug_once"),
                    models.CheckConstraint(condition=models.Q(slug__regex=SLUG), name="category_slug_is_one"),
                    models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="category_is_not_its_own_parent"),
                ],
            },
        ),
        migrations.RunSQL(
            CATEGORIES_HAVE_NO_CIRCLE,
            "DROP TRIGGER category_is_not_below_itself ON catalogue_category; DROP FUNCTION category_is_not_below_itself;",
        ),
        migrations.CreateModel(
            name="Variant",
            fields=[
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ("sku", models.CharField(max_length=64)),
                ("options", models.JSONField(blank=True, default=dict)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("product", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="variants", to="catalogue.product")),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=["sku"], name="variant_sku_once"),
                    models.UniqueConstraint(fields=["product", "options"], name="variant_options_once_per_product", deferrable=models.Deferrable.IMMEDIATE),
                    models.CheckConstraint(condition=models.Q(sku__regex="^[A-Za-z0-9][A-Za-z0-9._-]*$"), name="variant_sku_is_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="LowestPrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                ("amount", models.PositiveIntegerField()),
                ("product", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="lowest_prices", to="catalogue.product")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["product", "currency"], name="lowest_price_once_per_currency"),
                    models.CheckConstraint(condition=models.Q(currency__regex="^[A-Z]{3}$"), name="lowest_price_currency_is_a_code"),
                ],
                "indexes": [models.Index(fields=["currency", "amount", "product"], name="lowest_price_by_amount")],
            },
        ),
        migrations.CreateModel(
            name="Image",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("url", models.CharField(max_length=2000)),
                ("alt", models.CharField(blank=True, max_length=200)),
                ("product", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="images", to="catalogue.product")),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=["product", "position"], name="image_once_per_position"),
                    models.CheckConstraint(condition=models.Q(url__regex=r"^(https://[^\s\\]+|/[^/\s\\][^\s\\]*)$"), name="image_url_is_harmless"),
                ],
            },
        ),
        migrations.AddField("product", "slug", models.CharField(max_length=200, null=True)),
        migrations.AddField("product", "keywords", models.TextField(default="", editable=False)),
        migrations.AddField("product", "updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
        migrations.AddField("product", "category", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="products", to="catalogue.category")),
        migrations.AddField("price", "variant", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="prices", to="catalogue.variant")),
        migrations.RunPython(move),
        migrations.RemoveConstraint("price", "price_once_per_currency"),
        migrations.RemoveField("price", "product"),
        migrations.RemoveField("product", "sku"),
        migrations.AlterField("product", "slug", models.CharField(max_length=200)),
        migrations.AlterField("price", "variant", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="prices", to="catalogue.variant")),
        migrations.AlterModelOptions("price", {"ordering": ["currency"]}),
        migrations.AddConstraint("price", models.UniqueConstraint(fields=["variant", "currency"], name="price_once_per_currency")),
        migrations.AddIndex("price", models.Index(fields=["currency", "amount"], name="price_by_amount")),
        migrations.AddField("product", "search", models.GeneratedField(expression=WORDS, output_field=SearchVectorField(), db_persist=True)),
        migrations.AddConstraint("product", models.UniqueConstraint(fields=["slug"], name="product_slug_once")),
        migrations.AddConstraint(
            "product",
            models.CheckConstraint(
                condition=models.Q(slug__regex=SLUG) & ~models.Q(slug__regex=UUID) & ~models.Q(slug="bulk"),
                name="product_slug_is_one",
            ),
        ),
        migrations.AddIndex("product", GinIndex(fields=["search"], name="product_search")),
        migrations.AddIndex("product", GinIndex(OpClass("name", "gin_trgm_ops"), name="product_similar_name")),
        migrations.AddIndex("product", models.Index(Lower("name"), "id", condition=models.Q(active=True), name="product_by_name")),
    ]
