"""Making `.venv`, in a checkout whose lock asks for nothing, so that no network is needed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runner.conftest import CHECKOUT

NO_NETWORK = {"PIP_INDEX_URL": "http://127.0.0.1:1/", "PIP_EXTRA_INDEX_URL": "", "PIP_RETRIES": "0"}
NO_ENSUREPIP = "import sys; sys.modules['ensurepip'] = None"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small checkout with an installed environment, whose making had been interrupted before."""
    folder = tmp_path_factory.mktemp("checkout")
    copy_installer(folder)
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(folder / "gone")
    (folder / ".venv" / "left-behind").touch()
    (folder / "first-start").write_text(run(folder, "-c", "print('at your service')"))
    return folder


def copy_installer(folder: Path) -> None:
    (folder / "shop" / "runner").mkdir(parents=True)
    for script in ("bootstrap.py", "install.py"):
        shutil.copy(CHECKOUT / "shop" / "runner" / script, folder / "shop" / "runner")
    for lock in ("requirements.txt", "requirements-dev.txt"):
        (folder / lock).write_text("# nothing is needed\n")


def run(folder: Path, *arguments: str, **environment: str) -> str:
    """What one sees who runs the bootstrap there."""
    answer = subprocess.run(
        [sys.executable, "shop/runner/bootstrap.py", *arguments],
        cwd=folder,
        env=os.environ | NO_NETWORK | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return answer.stdout


def test_a_half_made_environment_is_made_anew_with_a_line_for_what_takes_long(checkout: Path) -> None:
    assert (checkout / "first-start").read_text() == (
        "Making .venv ...\nInstalling requirements.txt into .venv (once; this may take a minute) ...\nat your service\n"
    )
    assert not (checkout / ".venv" / "left-behind").exists()


def test_a_second_start_installs_nothing(checkout: Path) -> None:
    run(checkout)

    assert run(checkout, "-c", "print('at once')") == "at once\n"


def test_without_network_one_sentence_says_so(checkout: Path) -> None:
    lock = checkout / "requirements.txt"
    before = lock.read_text()
    lock.write_text(f"absent==1.0 --hash=sha256:{'0' * 64}\n")

    said = run(checkout).splitlines()

    lock.write_text(before)
    assert len(said) == 2
    assert said[1].startswith("pip could not install requirements.txt; is the network there? It said: ERROR: ")


def test_a_python_without_venv_is_told_which_package_it_lacks(tmp_path: Path) -> None:
    copy_installer(tmp_path)
    (tmp_path / "sitecustomize.py").write_text(NO_ENSUREPIP)

    said = run(tmp_path, PYTHONPATH=str(tmp_path))

    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert said == f"This Python has no venv module; on Debian and Ubuntu: apt install python{version}-venv.\n"


def test_a_folder_that_cannot_be_written_is_named_in_one_sentence(tmp_path: Path) -> None:
    copy_installer(tmp_path)
    (tmp_path / ".venv").write_text("a file is in the way")

    said = run(tmp_path).splitlines()

    assert said[-1].startswith(f"Cannot install into {tmp_path / '.venv'}: ")
