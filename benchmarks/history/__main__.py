"""Write the history, in parts of bounded size, and say how long that took and how large it is."""

import os
import sys
import time
from argparse import ArgumentParser
from datetime import timedelta

import django

PART = 50_000
"""Orders that are written in one transaction."""


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks.history", description="Two years of a shop, to measure on.")
    parser.add_argument("--orders", type=int, default=1_000_000, help="how many (default: %(default)s)")
    count = parser.parse_args().orders
    if count < 1:
        parser.error("--orders is how many to write: one at least")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    django.setup()
    from benchmarks.history.writing import NotEmpty, write

    began = time.monotonic()
    try:
        for doing in write(orders=count, part=PART):
            print(f"{timedelta(seconds=int(time.monotonic() - began))}  {doing}", flush=True)  # noqa: T201 - a command
    except NotEmpty as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
