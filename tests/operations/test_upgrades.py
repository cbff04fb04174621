"""Which migrations cannot run beside the release before them."""

from collections.abc import Sequence

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from shop.operations import upgrades

_POSITIVE = models.CheckConstraint(condition=models.Q(total__gte=0), name="positive")
_INDEX = models.Index(fields=["total"], name="by_total")


def _complaints(
    operations: Sequence[Operation], reviewed: dict[str, str] | None = None, *, atomic: bool = True
) -> list[str]:
    """What is said of a migration that comes after all there are, and does this."""
    loader = MigrationLoader(None)
    (last,) = loader.graph.leaf_nodes("orders")
    migration = Migration("9999_new", "orders")
    migration.operations = list(operations)  # type: ignore[misc]  # Django makes a list of each instance's own
    migration.atomic = atomic  # type: ignore[misc]  # as a migration's class has it
    if reviewed is not None:
        migration.reviewed = reviewed  # type: ignore[attr-defined]  # as a migration's class has it
    loader.graph.add_node(("orders", "9999_new"), migration)
    loader.graph.add_dependency(migration, ("orders", "9999_new"), last)
    return list(upgrades.of_migration(loader, "orders", "9999_new"))


@pytest.mark.parametrize(
    ("operation", "what"),
    [
        (migrations.RemoveField("order", "number"), "Remove field number from order"),
        (migrations.RenameField("order", "number", "name"), "Rename field number on order to name"),
        (migrations.DeleteModel("OrderLine"), "Delete model OrderLine"),
        (migrations.RenameModel("OrderLine", "Line"), "Rename model OrderLine to Line"),
        (migrations.AlterModelTable("order", "purchase"), "Rename table for order to purchase"),
        (migrations.AddField("order", "note", models.TextField(default="")), "Add field note to order"),
        (
            migrations.AddField("order", "note", models.TextField(null=True, db_index=True)),
            "Add field note to order, indexed",
        ),
        (migrations.AlterField("order", "confirmed_at", models.DateTimeField()), "Alter field confirmed_at on order"),
        (migrations.AlterField("order", "number", models.IntegerField()), "Alter field number on order, another type"),
        (
            migrations.AlterField("order", "currency", models.CharField(max_length=3, db_index=True)),
            "Alter field currency on order, indexed",
        ),
        (migrations.AddIndex("order", _INDEX), "Create index by_total"),
        (migrations.RemoveIndex("order", "order_list"), "Remove index order_list from order"),
        (migrations.AddConstraint("order", _POSITIVE), "Create constraint positive"),
        (migrations.AlterUniqueTogether("order", {("number", "total")}), "Alter unique_together for order"),
        (migrations.RunSQL("DROP TABLE orders_order"), "Raw SQL operation"),
        (migrations.RunPython(migrations.RunPython.noop), "Raw Python operation"),
        (
            migrations.SeparateDatabaseAndState(database_operations=[migrations.RunSQL("SELECT 1")]),
            "Raw SQL operation",
        ),
    ],
)
def test_what_the_old_code_or_its_customers_would_notice_is_refused(operation: Operation, what: str) -> None:
    (complaint,) = _complaints([operation])

    assert complaint.startswith(f"orders.9999_new: {what}")


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("order", "note", models.TextField(null=True)),
        migrations.AddField("order", "note", models.TextField(db_default="")),
        migrations.AlterField("order", "external_reference", models.TextField()),
        migrations.AlterModelOptions("order", {"ordering": ["number"]}),
        migrations.RemoveConstraint("order", "order_confirmed_has_its_time"),
        AddIndexConcurrently("order", _INDEX),
        AddConstraintNotValid("order", _POSITIVE),
    ],
)
def test_what_nobody_notices_is_let_through(operation: Operation) -> None:
    assert _complaints([operation]) == []


def test_a_constraint_is_validated_when_the_lock_of_adding_it_is_gone() -> None:
    both = [AddConstraintNotValid("order", _POSITIVE), ValidateConstraint("order", "positive")]

    (complaint,) = _complaints(both)

    assert complaint.startswith("orders.9999_new: Validate constraint positive on model order: the lock of adding it")
    assert _complaints(both, atomic=False) == []


def test_a_table_made_in_the_same_migration_is_free() -> None:
    made = migrations.CreateModel(
        "Note", [("id", models.BigAutoField(primary_key=True)), ("total", models.TextField())]
    )

    assert _complaints([made, migrations.AddIndex("note", _INDEX), migrations.AddConstraint("note", _POSITIVE)]) == []


def test_a_refusal_that_was_reviewed_is_let_through_with_its_reason() -> None:
    removal = migrations.RemoveField("order", "number")

    assert _complaints([removal], {"Remove field number from order": "nobody reads it since 1.4"}) == []
    assert len(_complaints([removal], {"Remove field number from order": " "})) == 1


def test_a_review_of_what_is_not_done_is_a_mistake() -> None:
    (complaint,) = _complaints([], {"Remove field number from order": "nobody reads it since 1.4"})

    assert complaint == "orders.9999_new: Remove field number from order: was reviewed, and is not done"


def test_the_migrations_that_there_are_raise_no_complaint() -> None:
    assert list(upgrades.complaints()) == []
