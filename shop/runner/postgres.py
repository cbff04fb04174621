"""The embedded PostgreSQL: the wheel's own programs, in the foreground, on loopback."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from signal import Signals

from shop.runner.children import Child, spawn
from shop.runner.home import Home, Refusal
from shop.runner.programs import bare_environment, postgres_folder

USER = DATABASE = "shop"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "[%p] %q%a ",
    "log_lock_waits": "on",  # deadlocks are logged anyway
    "log_checkpoints": "off",
}


def url(port: int, password: str) -> str:
    return f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"


def server(home: Home, port: int, **settings: str) -> Child:
    """The server as a child. SIGINT is its fast shutdown: it ends sessions instead of waiting for them."""
    options = (f"--{name}={value}" for name, value in (_SETTINGS | {"port": str(port)} | settings).items())
    return Child(
        name="postgres",
        command=(postgres_folder(home) / "postgres", "-D", _cluster(home), *options),
        environment=bare_environment(home),
        folder=home.state,
        account=home.account,
        stop_with=Signals.SIGINT,
        orphaned=Signals.SIGINT,
        patience=20,
    )


def is_ready(home: Home, port: int) -> bool:
    """Whether the server on this port takes queries. It notes that in its data folder; asking it would make it log."""
    try:
        note = (_cluster(home) / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return note[3:4] == [str(port)] and note[7:8] == ["ready   "]


def make_cluster(home: Home, password: str) -> None:
    """Make the data folder with its user and database, once. It gets its name when it is whole."""
    if _cluster(home).exists():
        return
    unfinished = _make_owned(_cluster(home).parent, home) / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    password_file = home.write_private("password", password, reader=home.account)
    try:
        _run(
            home,
            *("initdb", "-D", unfinished, f"--username={USER}", f"--pwfile={password_file}"),
            *("--auth-host=scram-sha-256", "--auth-local=scram-sha-256"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"),
        )
        _run(home, "postgres", "--single", "-D", unfinished, "postgres", reads=f"CREATE DATABASE {DATABASE};")
    finally:
        password_file.unlink()
    unfinished.rename(_cluster(home))


def _cluster(home: Home) -> Path:
    return home.state / "postgres" / "cluster"


def _make_owned(folder: Path, home: Home) -> Path:
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if home.account:
        os.chown(folder, home.account.pw_uid, home.account.pw_gid)
    return folder


def _run(home: Home, program: str, *arguments: str | Path, reads: str = "") -> None:
    child = Child(
        name=program,
        command=(postgres_folder(home) / program, *arguments),
        environment=bare_environment(home),
        folder=home.state,
        account=home.account,
    )
    try:
        process = spawn(child, output=subprocess.PIPE, reads=subprocess.PIPE)
    except OSError as error:
        raise Refusal(f"{child.command[0]} cannot be started: {error.strerror}.") from error
    said = process.communicate(reads.encode())[0].decode(errors="replace")
    if process.returncode != 0:
        raise Refusal(f"{program} failed: {said.strip() or process.returncode}")
