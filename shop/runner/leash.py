"""Ties a command to the life of its grandparent where the kernel cannot: `leash.py FD SIGNAL COMMAND...`.

FD is the reading end of a pipe that only the grandparent can write to. When it dies, reading ends.
"""

import os
import signal
import subprocess
import sys
import threading
from signal import Signals


def main(lifeline: int, orphaned: Signals, command: list[str]) -> int:
    """Run the command to its end. It gets the signals that we get, and one more when the grandparent dies."""
    process = subprocess.Popen(command)
    for number in (Signals.SIGINT, Signals.SIGTERM, Signals.SIGQUIT):
        signal.signal(number, lambda number, _frame: process.send_signal(number))

    def follow() -> None:
        os.read(lifeline, 1)
        if orphaned == Signals.SIGKILL:
            os.killpg(0, orphaned)  # and we with it: those whom the command has forked would go on
        process.send_signal(orphaned)

    threading.Thread(target=follow, daemon=True).start()
    status = process.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Signals[sys.argv[2]], sys.argv[3:]))
