"""What a migration may not do while the release before it still serves customers, and what to do instead.

Two things break an upgrade without a pause: what the old code still needs goes away, or a lock keeps everybody waiting.
A table that the same migration makes is free: nobody waits for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

from django.contrib.postgres import operations as postgres
from django.db import connection, migrations
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import AlterTogetherOptionOperation, ModelOptionOperation
from django.db.migrations.state import ProjectState
from django.db.models import Field, ManyToManyField
from django.db.models.fields import NOT_PROVIDED


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is refused, as a reviewer names it, and what to do instead."""

    what: str
    instead: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where an operation stands: its app, and the tables as they are before and after it."""

    app: str
    before: ProjectState
    after: ProjectState
    new: frozenset[str]
    """Models that the same migration makes, in lower case."""
    unchecked: frozenset[str] = frozenset()
    """Constraints that the same transaction adds without looking at rows."""


Found = Iterator[Refusal]


@singledispatch
def refused(operation: Operation, _place: Place) -> Found:
    """Why this operation cannot run beside the release before it; nothing if it can."""
    yield Refusal(operation.describe(), "nobody can tell from outside what this does: have it reviewed")


@refused.register(migrations.CreateModel)
@refused.register(ModelOptionOperation)
@refused.register(migrations.RemoveConstraint)
@refused.register(postgres.AddIndexConcurrently)
@refused.register(postgres.RemoveIndexConcurrently)
@refused.register(postgres.AddConstraintNotValid)
def _fine(_operation: Operation, _place: Place) -> Found:
    yield from ()


@refused.register
def _two_sided(operation: migrations.SeparateDatabaseAndState, place: Place) -> Found:
    for each in operation.database_operations:
        yield from refused(each, place)


@refused.register(migrations.DeleteModel)
@refused.register(migrations.RemoveField)
def _removal(operation: Operation, _place: Place) -> Found:
    yield Refusal(operation.describe(), "the old code still reads and writes it: first release code that does not")


@refused.register(migrations.RenameModel)
@refused.register(migrations.RenameField)
@refused.register(migrations.AlterModelTable)
def _renaming(operation: Operation, _place: Place) -> Found:
    yield Refusal(operation.describe(), "the old code knows the old name: add the new one, copy, and remove later")


@refused.register
def _new_column(operation: migrations.AddField, place: Place) -> Found:
    field = operation.field
    if operation.model_name.lower() in place.new or isinstance(field, ManyToManyField):
        return
    if field.generated:
        yield Refusal(operation.describe(), "the table is written anew: add a plain column, and fill it bit by bit")
    elif not field.null and field.db_default is NOT_PROVIDED:
        yield Refusal(operation.describe(), "the old code inserts rows without it: give it a db_default, or null=True")
    if _is_indexed(field):
        yield Refusal(operation.describe() + ", indexed", _INDEX)


@refused.register
def _changed_column(operation: migrations.AlterField, place: Place) -> Found:
    if operation.model_name.lower() in place.new:
        return
    old, new = (
        state.apps.get_model(place.app, operation.model_name)._meta.get_field(operation.name)  # noqa: SLF001 - public but for its name
        for state in (place.before, place.after)
    )
    if old.null and not new.null:
        yield Refusal(
            operation.describe() + ", not null", "the table is read under a lock: AddConstraintNotValid first"
        )
    if not _is_wider(old, new):
        yield Refusal(operation.describe() + ", another type", "the table is written anew: add a column, copy, switch")
    if _is_indexed(new) and not _is_indexed(old):
        yield Refusal(operation.describe() + ", indexed", _INDEX)


@refused.register
def _index(operation: migrations.AddIndex, place: Place) -> Found:
    if operation.model_name.lower() not in place.new:
        yield Refusal(operation.describe(), _INDEX)


@refused.register
def _no_index(operation: migrations.RemoveIndex, _place: Place) -> Found:
    yield Refusal(operation.describe(), "use RemoveIndexConcurrently with atomic = False")


@refused.register
def _constraint(operation: migrations.AddConstraint, place: Place) -> Found:
    if operation.model_name.lower() not in place.new:
        how = "AddConstraintNotValid, then ValidateConstraint in a migration of its own; a unique one by its index"
        yield Refusal(operation.describe(), f"the table is read under a lock: {how}")


@refused.register
def _validation(operation: postgres.ValidateConstraint, place: Place) -> Found:
    if operation.name in place.unchecked:
        yield Refusal(operation.describe(), "the lock of adding it is kept meanwhile: do it in a migration of its own")


@refused.register
def _together(operation: AlterTogetherOptionOperation, place: Place) -> Found:
    if operation.name.lower() not in place.new:
        yield Refusal(operation.describe(), _INDEX)


_INDEX = "writers wait while the index is built: use AddIndexConcurrently with atomic = False"


def _is_indexed(field: "Field[object, object]") -> bool:
    return bool(field.unique or getattr(field, "db_index", False))  # the stubs leave the latter out


def _is_wider(old: "Field[object, object]", new: "Field[object, object]") -> bool:
    """The same type, or a text with more room: neither touches a row."""
    before, after = str(old.db_type(connection)), str(new.db_type(connection))
    if before == after:
        return True
    if not before.startswith("varchar"):
        return False
    return after == "text" or (after.startswith("varchar") and (new.max_length or 0) >= (old.max_length or 0))
