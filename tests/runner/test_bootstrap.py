"""The first step, on Pythons of any age."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runner.conftest import CHECKOUT

BOOTSTRAP = CHECKOUT / "shop" / "runner" / "bootstrap.py"
OLD = "import runpy, sys; sys.version_info = (3, 9); sys.argv = ['bootstrap.py', '--version'];"
AS_AN_OLD_PYTHON = f"{OLD} runpy.run_path({str(BOOTSTRAP)!r}, run_name='__main__')"


def run(*command: str, path: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, env={"PATH": str(path)}, capture_output=True, text=True, check=False)


def test_an_old_python_is_told_in_one_sentence_what_is_needed(tmp_path: Path) -> None:
    answer = run(sys.executable, "-c", AS_AN_OLD_PYTHON, path=tmp_path)

    assert answer.returncode == 1
    assert answer.stderr == ("Shop needs Python 3.11 or newer; this is Python 3.9, and no newer one is on the PATH.\n")


def test_a_newer_python_on_the_path_takes_over_and_one_that_does_not_start_is_passed_by(tmp_path: Path) -> None:
    broken, newer = tmp_path / "python3.13", tmp_path / "python3.11"
    broken.write_text("#!/bin/sh\nexit 127\n")
    newer.write_text(f'#!/bin/sh\nif [ "$1" = -c ]; then exec {sys.executable} "$@"; fi\necho "took over: $2"\n')
    broken.chmod(0o755)
    newer.chmod(0o755)

    answer = run(sys.executable, "-c", AS_AN_OLD_PYTHON, path=tmp_path)

    assert answer.stdout == "took over: --version\n"


def test_python_3_4_can_read_it() -> None:
    ast.parse(BOOTSTRAP.read_text(), feature_version=(3, 4))


def test_python_2_7_can_read_it() -> None:
    python = "python2.7"
    if shutil.which(python) is None or subprocess.run([python, "-V"], capture_output=True, check=False).returncode:
        pytest.skip("no Python 2.7 here")

    reads = [python, "-c", "import sys; compile(sys.stdin.read(), 'bootstrap.py', 'exec')"]
    subprocess.run(reads, input=BOOTSTRAP.read_bytes(), check=True)
