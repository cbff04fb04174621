"""A catalogue of the first shape, in which a product was what is ordered, becomes one of products with variants."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from uuid_utils.compat import uuid7

_ROWS = [("MUG-BLUE", "Blue mug"), ("mug.blue", "Another"), ("BULK", "Bulk"), ("0199AB3C", "Numbers")]


@pytest.mark.django_db
def test_each_product_keeps_its_id_and_becomes_one_with_one_variant() -> None:
    loader = MigrationLoader(connection)
    first = loader.get_migration("catalogue", "0001_initial")
    second = loader.get_migration("catalogue", "0002_products_have_variants")
    ids = [uuid7() for _ in _ROWS]

    with connection.schema_editor() as editor, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA past; SET LOCAL search_path TO past, public")
        state = first.apply(ProjectState(), editor)
        for pk, (sku, name) in zip(ids, _ROWS, strict=True):
            cursor.execute(
                "INSERT INTO past.catalogue_product (version, id, sku, name, description, active)"
                " VALUES (3, %s, %s, %s, 'Told.', true)",
                [pk, sku, name],
            )
        cursor.execute(
            "INSERT INTO past.catalogue_price (currency, amount, product_id) VALUES ('EUR', 1200, %s)", ids[:1]
        )
        second.apply(state, editor)
        cursor.execute(
            "SELECT product.id, product.slug, product.version, variant.sku FROM past.catalogue_product AS product"
            " JOIN past.catalogue_variant AS variant ON variant.product_id = product.id ORDER BY product.id"
        )
        moved = cursor.fetchall()
        cursor.execute(
            "SELECT currency, amount, sku FROM past.catalogue_price"
            " JOIN past.catalogue_variant AS variant ON variant.id = variant_id"
        )
        prices = cursor.fetchall()
        cursor.execute("SELECT product_id, amount FROM past.catalogue_lowestprice")
        lowest = cursor.fetchall()
        cursor.execute("SELECT name FROM past.catalogue_product WHERE search @@ 'mug:*'::tsquery ORDER BY name")
        found = cursor.fetchall()

    assert [(pk, version, sku) for pk, _, version, sku in moved] == [
        (pk, 3, sku) for pk, (sku, _) in zip(ids, _ROWS, strict=True)
    ]
    assert [slug for _, slug, _, _ in moved] == [
        "mug-blue",
        "mugblue",
        f"bulk-{ids[2].hex}",
        "0199ab3c",
    ]
    assert prices == [("EUR", 1200, "MUG-BLUE")]
    assert lowest == [(ids[0], 1200)]
    assert found == [("Another",), ("Blue mug",)]
