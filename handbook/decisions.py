"""The decisions that were debatable, a page each in `docs/adr`."""

from pathlib import Path

from django.conf import settings


def made() -> str:
    return "\n".join(
        f"- [{_title(page)}](../adr/{page.name})"
        for page in sorted(Path(settings.BASE_DIR, "docs", "adr").glob("*.md"))
    )


def _title(page: Path) -> str:
    return page.read_text().partition("\n")[0].removeprefix("# ")
