"""Where a stack keeps its state, and what it tells the commands typed beside it."""

import os
import stat
from pathlib import Path

import pytest

from shop.runner import home as home_module
from shop.runner.home import Home, Refusal, claimed, home_of, running_environment, tell_environment
from tests.runner.conftest import Start

NOTE = {"DATABASE_URL": "postgresql://here", "REDIS_URL": "redis://here", "SECRET_KEY": "s"}

CLAIM = """
import sys, time
from pathlib import Path
from shop.runner.home import claimed, home_of, tell_environment
home = home_of(Path.cwd(), sys.argv[1])
with claimed(home, "http://127.0.0.1:8000"):
    tell_environment(home, {"DATABASE_URL": "postgresql://here"})
    print("claimed", flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def _beside_the_stack(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is a command typed beside the stack of `home`, with nothing set by hand."""
    monkeypatch.setenv("SHOP_HOME", str(home.folder))
    for name in NOTE:
        monkeypatch.delenv(name)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_command_beside_a_running_stack_is_told_its_environment(home: Home) -> None:
    with claimed(home, "http://here"):
        tell_environment(home, NOTE)

        assert running_environment(Path.cwd()) == NOTE


def test_the_note_is_for_its_owner_only_and_goes_with_the_stack(home: Home) -> None:
    note = home.folder / "running.json"
    with claimed(home, "http://here"):
        tell_environment(home, NOTE)
        assert mode(note) == 0o600

    assert not note.exists()


def test_naming_another_database_means_another_stack(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with claimed(home, "http://here"):
        tell_environment(home, NOTE)

        monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere")

        assert running_environment(Path.cwd()) == {}


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"DATABASE_URL": 1}', b"\xff"])
def test_a_broken_note_tells_nothing_and_breaks_nothing(home: Home, broken: bytes) -> None:
    with claimed(home, "http://here"):
        (home.folder / "running.json").write_bytes(broken)

        assert running_environment(Path.cwd()) == {}


def test_a_second_claim_is_refused_with_the_address_and_pid_of_the_first(home: Home) -> None:
    with claimed(home, "http://127.0.0.1:8000"):
        first = rf"running here already: http://127.0.0.1:8000 \(pid {os.getpid()}\)"

        with pytest.raises(Refusal, match=first), claimed(home, "http://127.0.0.1:8001"):
            pass


def test_what_a_killed_stack_left_is_not_believed_and_blocks_nobody(home: Home, start: Start) -> None:
    stack = start("-c", CLAIM, str(home.folder))
    stack.until_it_says("claimed")
    assert running_environment(Path.cwd()) == {"DATABASE_URL": "postgresql://here"}

    stack.process.kill()
    stack.process.wait()

    assert (home.folder / "running.json").exists()
    assert running_environment(Path.cwd()) == {}
    with claimed(home, "http://127.0.0.1:8001"):
        pass


def test_a_new_home_is_private(tmp_path: Path) -> None:
    home = home_of(Path.cwd(), tmp_path / "new")

    home.make()

    assert mode(home.folder) == 0o700
    home.discard()


def test_the_mode_of_a_folder_that_was_there_stays(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    home = home_of(Path.cwd(), tmp_path)

    home.make()

    assert mode(home.folder) == 0o750
    home.discard()


def test_a_home_that_cannot_be_made_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Refusal, match=r"Cannot keep state in .*; SHOP_HOME can name another place"):
        home_of(Path.cwd(), tmp_path / "file" / "home").make()


@pytest.mark.parametrize("kind", ["link", "file"])
def test_roots_place_is_not_taken_from_somebody_else(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    place.symlink_to(tmp_path) if kind == "link" else place.touch()

    with pytest.raises((Refusal, FileExistsError)):
        home_module._make_root_place(place)


def test_the_state_of_a_vanished_throw_away_home_is_forgotten_and_that_of_a_living_one_kept(tmp_path: Path) -> None:
    for name, folder in {"vanished": tmp_path / "gone", "living": tmp_path, "elsewhere": Path("/no/such/disk")}.items():
        (tmp_path / "place" / name).mkdir(parents=True)
        (tmp_path / "place" / name / "home.txt").write_text(str(folder))

    home_module._forget_vanished(tmp_path / "place")

    assert {path.name for path in (tmp_path / "place").iterdir()} == {"living", "elsewhere"}


def test_a_home_can_be_forgotten_altogether(home: Home) -> None:
    home.write_private("keys.json", "{}")

    home.discard()

    assert not home.folder.exists()
    assert not home.state.exists()
