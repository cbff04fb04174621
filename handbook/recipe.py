"""The recipe for an event and its handler, as CONTRIBUTING.md has it: there it is tried and kept."""

from pathlib import Path

from django.conf import settings

_BEGINS, _ENDS = "## Add an event and a handler\n", "\n## "


def made() -> str:
    _, _, rest = Path(settings.BASE_DIR, "CONTRIBUTING.md").read_text().partition(_BEGINS)
    if not rest:
        raise LookupError(f"CONTRIBUTING.md has no {_BEGINS!r} any more.")
    recipe = rest.partition(_ENDS)[0].strip()
    return recipe.replace("](docs/", "](../")
