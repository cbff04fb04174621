"""The documentation site: it can be built, it needs nobody, and it leaves nothing out."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from handbook import settings as of_settings
from inventory.api.views import _REFUSALS

_ELSEWHERE = r"""["']?(?:https?:)?//"""
_FETCHED = re.compile(
    rf"<(?:script|img|iframe|source)[^>]+src={_ELSEWHERE}"
    rf"|<link[^>]+rel=[\"']?(?:stylesheet|icon|preconnect)[\"']?[^>]*href={_ELSEWHERE}"
)
_READ = re.compile(r"""environ(?:ment)?(?:\.get\(|\.setdefault\(|\[)"([A-Z_]+)""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` does it; a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=settings.BASE_DIR,
        env=environment | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return folder


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))

    assert len(pages) > 20
    assert [page.name for page in pages if _FETCHED.search(page.read_text())] == []


def test_whatever_a_page_asks_to_have_made_is_there(site: Path) -> None:
    assert "order.placed" in (site / "reference" / "events.html").read_text()
    assert [page.name for page in site.rglob("*.html") if "<!-- made:" in page.read_text()] == []


def test_every_variable_that_the_settings_read_is_told_beside_them() -> None:
    assert len(of_settings.read()) > 30
    assert of_settings.read().keys() - of_settings.told().keys() == set()


def test_every_variable_that_the_shop_reads_is_on_the_page_of_settings(site: Path) -> None:
    page = (site / "reference" / "settings.html").read_text()
    read = {name for path in Path(settings.BASE_DIR, "shop").rglob("*.py") for name in _READ.findall(path.read_text())}

    assert {"SHOP_HOME", "WORKERS", "DATABASE_URL"} <= read
    assert sorted(name for name in read - {"DJANGO_SETTINGS_MODULE", "PATH"} if f">{name}<" not in page) == []


def test_codes_of_errors_that_are_put_together_are_on_the_page_of_errors(site: Path) -> None:
    page = (site / "reference" / "problems.html").read_text()

    assert sorted(code for code in [*_REFUSALS, "slug_taken", "sku_taken"] if f">{code}<" not in page) == []
