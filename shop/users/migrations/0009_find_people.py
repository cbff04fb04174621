"""People are found by a part of their address or name, among a million."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("users", "0008_notifications_scope"),
        ("catalogue", "0002_products_have_variants"),  # pg_trgm
    ]

    operations = [
        AddIndexConcurrently("user", GinIndex(OpClass(Upper("email"), "gin_trgm_ops"), name="user_like_email")),
        AddIndexConcurrently("user", GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="user_like_name")),
    ]
