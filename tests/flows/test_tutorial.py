"""The tutorial in `docs/tutorial.md`, typed as it stands beside a real shop: what it shows is what is answered."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from shop.runner.home import Home
from tests.processes import eventually
from tests.runner.conftest import Started, fresh_home, launch

PAGE = Path(settings.BASE_DIR, "docs", "tutorial.md")

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ ", re.MULTILINE)
_TIME = re.compile(r"\d\d:\d\d:\d\d\.\d\d\d")
_MARK = "--- what the block says ends here ---"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with fresh_home(tmp_path / "home") as home:
        yield home


@pytest.fixture
def shop(home: Home) -> Iterator[Started]:
    """What `make run` starts, on a port that is free."""
    started = launch(
        home.folder / "log.txt", "manage.py", "up", "--port", "0", environment={"SHOP_HOME": str(home.folder)}
    )
    started.until_it_says("Ctrl-C stops it", seconds=90)
    eventually(lambda: _sells(_url_of(started)), "the workers have counted what is in stock", seconds=60)
    yield started
    started.stop()


def test_whoever_types_the_tutorial_sees_what_it_shows(shop: Started, home: Home, tmp_path: Path) -> None:
    typed, shown = _blocks(PAGE.read_text().replace("http://127.0.0.1:8000", _url_of(shop)))

    said = _type(typed, home, tmp_path)

    assert len(said) == len(shown) > 5
    assert [_lacking(block, answer) for block, answer in zip(shown, said, strict=True)] == [[] for _ in shown]


def _url_of(shop: Started) -> str:
    return shop.said.partition("Shop      ")[2].split()[0]


def _sells(url: str) -> bool:
    return bool(httpx.get(f"{url}/api/v1/products?in_stock=true").json()["results"])


def _blocks(page: str) -> tuple[list[str], list[list[str]]]:
    """What is to be typed, block by block, and the lines that each shows after it."""
    typed, shown = [], []
    for block in _BLOCK.findall(page):
        commands, lines = [], []
        for piece in _COMMAND.split(block)[1:]:
            command, answer = _apart(piece)
            commands.append(command)
            lines += answer
        typed.append("\n".join(commands))
        shown.append(lines)
    return typed[1:], shown[1:]  # the first starts the shop, which runs already


def _apart(piece: str) -> tuple[str, list[str]]:
    """A command with the lines that belong to it, as the shell would read on; and what it answers."""
    lines = piece.splitlines()
    for length in range(1, len(lines) + 1):
        command = "\n".join(lines[:length])
        asked = subprocess.run(["bash", "-n"], input=command, capture_output=True, text=True, check=False)
        if asked.returncode == 0 and not asked.stderr and not command.endswith("\\"):
            return command, lines[length:]
    pytest.fail(f"no command of a shell: {piece}")


def _type(blocks: list[str], home: Home, folder: Path) -> list[str]:
    """What each block says, in a shell that stands in a folder with a `.venv` and a `manage.py`."""
    for name in (".venv", "manage.py"):
        (folder / name).symlink_to(settings.BASE_DIR / name)
    script = "set -e\n" + f"\necho '{_MARK}'\n".join(blocks)
    environment = {"PATH": os.environ["PATH"], "SHOP_HOME": str(home.folder)}
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split(_MARK)


def _lacking(shown: list[str], said: str) -> list[str]:
    """Lines that the page shows and nobody said; times are those of the day on which it was written."""
    answered = [_TIME.sub("", line.rstrip()) for line in said.splitlines()]
    return [line for line in shown if line != "..." and _TIME.sub("", line) not in answered]
