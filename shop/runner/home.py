"""Where a stack keeps its state: one folder, `.data/` of the checkout or what SHOP_HOME says.

PostgreSQL refuses to run as root, and the user that root lends it can enter neither /root nor a temporary folder.
So root's stacks keep servers and data below /var/tmp, and their own folder says where.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

COMMON_GROUND = Path("/var/tmp")  # noqa: S108 - folders there are made with care, see _make_root_place
_CLAIM_SECONDS = 1.0  # a command that looks whether a stack is running holds the lock for an instant

# Whoever names another of these means another stack: half of this one's environment would be a trap.
_IDENTITY = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")


class Refusal(Exception):
    """A stack cannot start. The message says why, in a sentence for whoever typed the command."""


@dataclass(frozen=True)
class Home:
    """The places of one stack; it may share its checkout with others."""

    folder: Path  # the lock, and the note for commands typed beside the stack
    state: Path  # the data and the secrets: the same folder, unless root runs the stack
    place: Path | None  # root's only: what all stacks of the checkout share, above their states
    account: pwd.struct_passwd | None  # root's only: who runs the servers

    def make(self) -> None:
        """Create what is missing; modes of folders that were there already stay as they are."""
        if self.place and not self.account:
            raise Refusal("PostgreSQL cannot run as root, and this machine has no user nobody to run it instead.")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.place:
                _make_root_place(self.place)
                _forget_vanished(self.place)
                _make_root_place(self.state)
                (self.state / "home.txt").write_text(str(self.folder))
                (self.folder / "where.txt").write_text(f"Servers and data are in {self.state}\n")
        except OSError as error:
            raise Refusal(
                f"Cannot keep state in {self.folder}: {error.strerror}; SHOP_HOME can name another place."
            ) from error

    def discard(self) -> None:
        """Forget everything, the secrets included. The stack must have stopped."""
        for folder in {self.state, self.folder}:
            shutil.rmtree(folder, ignore_errors=True)

    def write_private(self, name: str, text: str, *, reader: pwd.struct_passwd | None = None) -> Path:
        """Write a file of the state that one user may read. It is there whole or not at all."""
        unfinished = self.state / f"{name}.new"
        unfinished.unlink(missing_ok=True)
        with open(unfinished, "x", opener=_private) as file:
            if reader:
                os.fchown(file.fileno(), reader.pw_uid, reader.pw_gid)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return unfinished.replace(self.state / name)


def home_of(checkout: Path, folder: str | Path | None = None) -> Home:
    """The home at `folder`, else where SHOP_HOME says, else `.data/`. Nothing is touched yet."""
    folder = Path(folder or os.environ.get("SHOP_HOME") or checkout / ".data").absolute()
    if os.geteuid() != 0:
        return Home(folder, state=folder, place=None, account=None)
    place = COMMON_GROUND / f"shop-{_digest(checkout)}"
    return Home(folder, state=place / _digest(folder), place=place, account=_nobody())


def _nobody() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        return None


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def _make_root_place(folder: Path) -> None:
    """Everybody may write to /var/tmp: what stands there is only trusted if root made it."""
    folder.mkdir(exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0:
        raise Refusal(f"{folder} is in the way: it is not a folder of root's. Look at it, and remove it.")
    folder.chmod(0o711)


def _forget_vanished(place: Path) -> None:
    """A throw-away stack that was killed left its state; the temporary folder that it belonged to is gone."""
    for note in place.glob("*/home.txt"):
        with contextlib.suppress(FileNotFoundError):  # another stack is forgetting it too
            folder = Path(note.read_text())
            if folder.is_relative_to(tempfile.gettempdir()) and not folder.exists():
                shutil.rmtree(note.parent, ignore_errors=True)


@contextmanager
def claimed(home: Home, url: str) -> Iterator[None]:
    """Be the one stack of this home. The kernel lets go when we die, so a stale claim never blocks."""
    with open(home.folder / "lock", "a+", opener=_private) as lock:
        deadline = time.monotonic() + _CLAIM_SECONDS
        while not _locked(lock.fileno(), fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                lock.seek(0)
                raise Refusal(f"A stack is running here already: {lock.read().strip() or 'it is just starting'}.")
            time.sleep(0.05)
        lock.truncate(0)
        lock.write(f"{url} (pid {os.getpid()})\n")
        lock.flush()
        try:
            yield
        finally:
            (home.folder / "running.json").unlink(missing_ok=True)
            lock.truncate(0)


def tell_environment(home: Home, environment: dict[str, str]) -> None:
    """Leave the note that `running_environment` reads: how to reach the servers of the running stack."""
    note = home.folder / "running.json"
    note.unlink(missing_ok=True)
    with open(note, "x", opener=_private) as file:
        json.dump(environment, file)


def running_environment(base_dir: Path) -> dict[str, str]:
    """What the stack now running in this checkout was given; nothing if none is running, or if another is meant."""
    folder = home_of(base_dir).folder
    try:
        with (folder / "lock").open() as lock:
            if _locked(lock.fileno(), fcntl.LOCK_SH):
                return {}
        note = json.loads((folder / "running.json").read_text())
    except (OSError, ValueError):
        return {}
    if not isinstance(note, dict) or not all(isinstance(value, str) for value in note.values()):
        return {}
    named = (os.environ.get(name, note.get(name)) == note.get(name) for name in _IDENTITY)
    return note if all(named) else {}


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
