"""The runtime's lock: what `make run` needs is in it, though a development environment would hide what lacks."""

import re
from importlib import metadata

from tests.runner.conftest import CHECKOUT, Start

# What web, worker and supervisor import at the latest when they work.
IMPORTS = (
    *("django", "shop.wsgi", "shop.urls", "shop.celery", "shop.bus.tasks"),
    *("kombu.transport.redis", "granian.cli", "celery.bin.worker", "httpx"),
)

REFUSING = """
import importlib, sys
sys.modules.update(dict.fromkeys({absent!r}))
for name in {imports!r}:
    importlib.import_module(name)
"""


def locked(file: str) -> set[str]:
    return set(re.findall(r"^([\w.-]+)==", (CHECKOUT / file).read_text(), re.MULTILINE))


def test_nothing_that_runs_imports_what_only_developers_have(start: Start) -> None:
    only_for_developers = locked("requirements-dev.txt") - locked("requirements.txt")
    absent = {
        module
        for module, packages in metadata.packages_distributions().items()
        if {package.lower() for package in packages} <= only_for_developers
    }
    assert {"pytest", "mypy"} <= absent

    source = REFUSING.format(absent=absent, imports=IMPORTS)
    runs = start("-c", source, environment={"SECRET_KEY": "any"})

    assert runs.process.wait(30) == 0, runs.said


def test_the_development_lock_holds_all_of_the_runtimes() -> None:
    assert locked("requirements.txt") <= locked("requirements-dev.txt")


def test_the_locks_name_no_address_and_no_path() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        assert not re.search(r"://|^-|file:", (CHECKOUT / file).read_text(), re.MULTILINE)
