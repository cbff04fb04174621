"""Everything that is held about a person, put together from all who hold something.

Who does has a module `exports` with a function `held_about(user_id)`, found by name as Django finds `admin`.
"""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.utils.module_loading import import_string, module_has_submodule


def held_about(user_id: UUID) -> dict[str, Any]:
    """What each app holds, under its label, as values that JSON can carry."""
    return {
        config.label: import_string(f"{config.name}.exports.held_about")(user_id)
        for config in apps.get_app_configs()
        if config.module is not None and module_has_submodule(config.module, "exports")
    }
