"""Guarded models: rows whose changes are told. A change is saved only on top of what was read.

`post_save` is the one place where events are born, so every write of a guarded row passes through `save` or
`bulk_save`; both number the row's versions, and a write past them is refused. They take no savepoint: what fails in
them fails the transaction around them, so that no row can stay without its news.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from functools import cache
from typing import Any, Self, TypeVar

from django.db import models, transaction
from django.db.models import QuerySet
from django.db.models.expressions import DatabaseDefault
from django.db.models.signals import post_save

from shop import rows
from shop.bus import gather


class Stale(RuntimeError):
    """Somebody else changed the row since this instance was read; read it again and decide anew."""


class Unguarded(TypeError):
    """This write would pass by `post_save`, and nobody would hear of it; use `save` or `bulk_save`."""


class GuardedQuerySet(QuerySet["G"]):
    """Reads as any query set does; writes only what tells nobody anything, which is nothing."""

    def locked(self) -> Self:
        """Lock the rows in the order of their keys, so that two transactions never wait for each other."""
        return self.select_for_update(of=("self",)).order_by("pk")

    def update(self, **_values: Any) -> int:
        raise Unguarded(Unguarded.__doc__)

    def bulk_update(self, *_args: Any, **_options: Any) -> int:
        raise Unguarded(Unguarded.__doc__)

    def bulk_create(self, *_args: Any, **_options: Any) -> list["G"]:
        raise Unguarded(Unguarded.__doc__)


class Guarded(models.Model):
    """A row with a version, which is its ETag as well, and a memory of how it was read."""

    version = models.PositiveIntegerField(default=1, editable=False)

    objects = GuardedQuerySet.as_manager()

    _loaded: Mapping[str, Any] | None = None

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        instance = super().from_db(db, field_names, values, **options)
        instance._remember()
        return instance

    def just_became(self, **state: Any) -> bool:
        """The row is in this state now, and was not when it was read; a new row was in none."""
        is_now = all(getattr(self, name) == value for name, value in state.items())
        loaded = self._loaded
        return is_now and (loaded is None or any(loaded[name] != value for name, value in state.items()))

    def was(self, name: str, default: Any = None) -> Any:
        """What a column was when the row was read, or `default` for a new row."""
        return default if self._loaded is None else self._loaded[name]

    def save(self, **options: Any) -> None:
        """Insert the row, or write it over the version that was read; `post_save` runs in the same transaction.

        Raises `Stale` when the row has moved on since.
        """
        with transaction.atomic(savepoint=False):
            if self._state.adding:
                options["force_insert"] = True
            else:
                self.version = self.was("version", self.version) + 1
                if options.get("update_fields") is not None:
                    options["update_fields"] = {*options["update_fields"], "version"}
            super().save(**options)
            self._remember(options.get("update_fields"))

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        read = None if fields is None else list(fields)  # what is deferred is read so too, one column at a time
        super().refresh_from_db(using=using, fields=read, from_queryset=from_queryset)
        self._remember(read)

    def changes(self) -> set[str]:
        """The names of the columns that differ from what was read."""
        loaded = self._loaded or {}
        return {
            name
            for name, value in self._values()
            if name not in loaded or not (loaded[name] is value or loaded[name] == value)
        }

    def _save_table(self, raw: Any = False, *rest: Any) -> Any:  # noqa: FBT002 - Django's own hook
        inserted_or_updated = super()._save_table(raw, *rest)  # type: ignore[misc]  # the stubs leave it out
        if raw:
            self._remember()  # a fixture restores rows; it is no news
        return inserted_or_updated

    def _do_insert(self, manager: Any, using: Any, fields: Any, returning: Any, raw: Any) -> Any:  # Django's own hook
        values = (value for _, value in self._values() if not isinstance(value, DatabaseDefault))
        if raw or any(hasattr(value, "resolve_expression") for value in values):
            return super()._do_insert(manager, using, fields, returning, raw)  # type: ignore[misc]  # as above
        rows.insert([self])
        return []

    def _do_update(self, base_qs: Any, using: Any, pk_val: Any, values: Any, *rest: Any) -> Any:  # Django's own hook
        if self._loaded is None:  # a fixture: Django tries to update before it inserts
            return super()._do_update(base_qs, using, pk_val, values, *rest)
        guarded = base_qs.filter(version=self._loaded["version"])
        if not super()._do_update(guarded, using, pk_val, values, *rest):
            raise Stale(f"{self._meta.label} {pk_val}: {Stale.__doc__}")
        return True

    def _remember(self, only: Collection[str] | None = None) -> None:
        """This is how the row stands in the database now; `only` names the columns of which that is known."""
        values = dict(self._values())
        values |= {name: deepcopy(values[name]) for name in _changeable(type(self)) & values.keys()}
        if only is not None:
            known = {field.attname for field in self._meta.concrete_fields if {field.name, field.attname} & set(only)}
            values = {name: value for name, value in values.items() if name in known}
        self._loaded = {**(self._loaded or {}), **values}

    def _values(self) -> Iterable[tuple[str, Any]]:
        columns = _columns(type(self))
        return [(name, value) for name, value in self.__dict__.items() if name in columns]


@cache
def _columns(model: type[Guarded]) -> frozenset[str]:
    return frozenset(field.attname for field in model._meta.concrete_fields)


@cache
def _changeable(model: type[Guarded]) -> frozenset[str]:
    """Columns whose values can change in place."""
    return frozenset(field.attname for field in model._meta.concrete_fields if isinstance(field, models.JSONField))


G = TypeVar("G", bound=Guarded)


def bulk_save(saved: Sequence[Guarded]) -> None:
    """Insert the new and write the changed among rows of one model, each kind in one statement.

    Every row is written over the version that was read and tells its `post_save`; rows that are as they were are
    left alone. Read rows that exist with `locked()`. Raises `Stale` when one has moved on all the same.
    """
    new = [row for row in saved if row._state.adding]
    changed = sorted((row for row in saved if not row._state.adding and row.changes()), key=lambda row: row.pk)
    with transaction.atomic(savepoint=False), gather():
        if new:
            rows.insert(new)
        if changed:
            _update(changed)
        for row in new:
            _tell(row, created=True)
        for row in changed:
            _tell(row, created=False)


def _update(changed: Sequence[Guarded]) -> None:
    names = set().union(*(row.changes() for row in changed)) - {"version"}
    written = rows.update(changed, names, [row.was("version") for row in changed])
    for row in changed:
        if row.pk not in written:
            raise Stale(f"{row._meta.label} {row.pk}: {Stale.__doc__}")
        row.version = row.was("version") + 1


def _tell(row: Guarded, *, created: bool) -> None:
    post_save.send(type(row), instance=row, created=created, update_fields=None, raw=False, using="default")
    row._remember()
