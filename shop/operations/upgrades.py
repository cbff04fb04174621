"""Whether new migrations can run while the release before them still serves customers.

Those named in `settled.json`, and all before them, are not asked about. A refusal that was looked at is stated in the
migration itself, by its words and with its reason:

    class Migration(migrations.Migration):
        reviewed = {"Remove field note from order": "no code has read or written it since 1.4"}
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db.migrations import CreateModel
from django.db.migrations.loader import MigrationLoader

from shop.operations.refusals import Place, refused

_SETTLED = Path(__file__).with_name("settled.json")


def complaints() -> Iterator[str]:
    """What is wrong with the migrations that are not settled, a sentence each."""
    loader = MigrationLoader(None)
    settled: Mapping[str, str] = json.loads(_SETTLED.read_text())
    for app, name in sorted(loader.graph.nodes):
        if app in _ours() and name > settled.get(app, ""):
            yield from of_migration(loader, app, name)


def of_migration(loader: MigrationLoader, app: str, name: str) -> Iterator[str]:
    """What is wrong with one migration, but for what it says was reviewed."""
    migration = loader.graph.nodes[app, name]
    reviewed: dict[str, str] = dict(getattr(migration, "reviewed", {}))
    state = loader.project_state((app, name), at_end=False)
    stated: set[str] = set()
    new = frozenset(each.name_lower for each in migration.operations if isinstance(each, CreateModel))
    added = [each.constraint.name for each in migration.operations if isinstance(each, AddConstraintNotValid)]
    unchecked = frozenset(added if migration.atomic else ())
    for operation in migration.operations:
        before, state = state, state.clone()
        operation.state_forwards(app, state)
        for refusal in refused(operation, Place(app, before, state, new, unchecked)):
            stated.add(refusal.what)
            if not reviewed.get(refusal.what, "").strip():
                yield f"{app}.{name}: {refusal.what}: {refusal.instead}"
    for what in sorted(reviewed.keys() - stated):
        yield f"{app}.{name}: {what}: was reviewed, and is not done"


def settle() -> None:
    """Ask no more about the migrations that there are."""
    loader = MigrationLoader(None)
    last = {app: name for app, name in sorted(loader.graph.nodes) if app in _ours()}
    _SETTLED.write_text(json.dumps(last, indent=2, sort_keys=True) + "\n")


def _ours() -> set[str]:
    """The labels of the apps whose code is in this checkout, and not in a package."""
    below = (config for config in apps.get_app_configs() if Path(config.path).is_relative_to(settings.BASE_DIR))
    return {config.label for config in below if "site-packages" not in config.path}
