"""Make `.venv` match the lock, then become the command that was asked for: `install.py [--dev] manage.py up`.

A script for a bare Python: standard library only, and nothing of ours is imported.
"""

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "shop-lock"
RUNTIME, DEVELOPMENT = CHECKOUT / "requirements.txt", CHECKOUT / "requirements-dev.txt"


def main(arguments: list[str]) -> None:
    development = arguments[:1] == ["--dev"]
    try:
        ensure_installed(DEVELOPMENT if development else RUNTIME)
    except OSError as error:
        sys.exit(f"Cannot install into {VENV}: {error.strerror} ({error.filename}).")
    except KeyboardInterrupt:
        sys.exit("Stopped while installing; the next start repairs it.")
    command = arguments[1:] if development else arguments
    if command:
        os.execv(PYTHON, [str(PYTHON), *command])


def ensure_installed(lock: Path) -> None:
    """Do nothing if the environment is the lock's; else make or mend it. One at a time: another waits."""
    if is_installed(lock):
        return
    with RUNTIME.open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not is_installed(lock):
            STAMP.unlink(missing_ok=True)
            ensure_environment()
            install(lock)
            STAMP.write_text(stamp(lock))


def is_installed(lock: Path) -> bool:
    try:
        known = STAMP.read_text().splitlines()
    except OSError:
        return False
    return PYTHON.exists() and set(stamp(lock).splitlines()) <= set(known)


def stamp(lock: Path) -> str:
    """What the environment was made of. The development lock holds all of the runtime's, so it stands for both."""
    locks = {RUNTIME, lock}
    return "\n".join([str(PYTHON.resolve()), *sorted(hashlib.sha256(each.read_bytes()).hexdigest() for each in locks)])


def ensure_environment() -> None:
    if PYTHON.exists() and succeeds([str(PYTHON), "-c", "import pip"]):
        return
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.exit(f"This Python has no venv module; on Debian and Ubuntu: apt install python{version}-venv.")
    print("Making .venv ...", flush=True)
    if (made := run([sys.executable, "-m", "venv", "--clear", str(VENV)])).returncode != 0:
        sys.exit(f"Cannot make {VENV}: {last_line(made)}")


def install(lock: Path) -> None:
    print(f"Installing {lock.name} into .venv (once; this may take a minute) ...", flush=True)
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "--only-binary", ":all:"]
    installed = run([str(PYTHON), "-m", "pip", "install", *options, "--no-compile", "-r", str(lock)])
    if installed.returncode != 0:
        sys.exit(f"pip could not install {lock.name}; is the network there? It said: {last_line(installed)}")
    run([str(PYTHON), "-m", "compileall", "-q", "-j", "0", str(VENV / "lib")])  # pip would use one core only


def succeeds(command: list[str]) -> bool:
    return run(command).returncode == 0


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def last_line(process: subprocess.CompletedProcess[str]) -> str:
    return next(reversed(process.stdout.strip().splitlines()), f"exit status {process.returncode}")


if __name__ == "__main__":
    main(sys.argv[1:])
