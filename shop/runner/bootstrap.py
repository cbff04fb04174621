"""The first step of `make run`, before there is any environment: find a Python that is new enough.

Every Python since 2.7 must be able to read this file, so that an old one can say what is missing.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import os
import subprocess
import sys
import time

OLDEST = (3, 11)


def main():
    os.environ.setdefault("SHOP_STARTED_AT", repr(time.time()))
    python = sys.executable if sys.version_info >= OLDEST else newer_python()
    if python is None:
        sys.exit("Shop needs Python 3.11 or newer; this is Python %d.%d, and no newer one is on the PATH." % running())
    install = os.path.join(os.path.dirname(os.path.abspath(__file__)), "install.py")
    os.execv(python, [python, install] + sys.argv[1:])


def newer_python():
    """The path of the newest Python that is found and starts; a pyenv shim may be found and not start."""
    for minor in (14, 13, 12, 11):
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            candidate = os.path.join(folder, "python3.%d" % minor)
            if os.access(candidate, os.X_OK) and starts(candidate):
                return candidate
    return None


def starts(python):
    question = "import sys; sys.exit(sys.version_info < %r)" % (OLDEST,)
    with open(os.devnull, "w") as nowhere:
        return subprocess.call([python, "-c", question], stdout=nowhere, stderr=nowhere) == 0


def running():
    return (sys.version_info[0], sys.version_info[1])


if __name__ == "__main__":
    main()
