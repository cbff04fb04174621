"""Adjustments are kept, and shoppers see from now on what is on the shelves already."""

import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


# What each crossing tells the catalogue later.
SHOW = """
INSERT INTO catalogue_availability (sku, available)
SELECT sku, on_hand > reserved FROM inventory_stocklevel WHERE location = 'main'
"""


class Migration(migrations.Migration):

    dependencies = [
        ("inventory", "0002_shipped"),
        ("catalogue", "0002_products_have_variants"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                ("id", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ("sku", models.CharField(max_length=64)),
                ("location", models.CharField(max_length=64)),
                ("delta", models.IntegerField()),
                ("on_hand", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("adjusted_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("adjusted_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=~models.Q(delta=0), name="adjustment_changes_something"),
                    models.CheckConstraint(condition=~models.Q(reason=""), name="adjustment_has_its_reason"),
                ],
                "indexes": [models.Index(fields=["sku", "adjusted_at"], name="adjustments_of_sku")],
            },
        ),
        migrations.RunSQL(SHOW, migrations.RunSQL.noop),
    ]
