"""A supervisor over small children: `python -m tests.runner.small_stack JSON`.

JSON is a list of stages; a stage is a list of [name, Python source, patience in seconds].
"""

import json
import os
import sys
from pathlib import Path

from shop.runner.children import Child
from shop.runner.supervisor import Stopped, Supervisor


def main(stages: list[list[tuple[str, str, float]]]) -> None:
    with Supervisor() as supervisor:
        for stage in stages:
            supervisor.start(*(small_child(*described) for described in stage))
        try:
            while True:
                supervisor.turn()
        except Stopped:
            return


def small_child(name: str, source: str, patience: float = 5) -> Child:
    return Child(
        name=name,
        command=(sys.executable, "-u", "-c", source),
        environment=os.environ,
        folder=Path.cwd(),
        patience=patience,
    )


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
