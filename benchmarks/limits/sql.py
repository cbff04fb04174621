"""The life of an order by SQL alone, run by pgbench on the server that the shop uses, in a database of its own."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from benchmarks import parts
from benchmarks.orders import look
from benchmarks.stage import Stage, StageFailed
from shop.runner.programs import postgres_folder

_HERE = Path(__file__).parent
_NAME = "limits"
_CLIENTS = 8
_RATE = re.compile(r"^tps = ([0-9.]+) \(without initial connection time\)", re.MULTILINE)
_FAILED = re.compile(r"^number of failed transactions: ([1-9]\d*)", re.MULTILINE)


class Limit(NamedTuple):
    """Lives of an order a second, and the seconds of CPU that PostgreSQL has spent for each."""

    rate: float
    cpu: float


def orders_by_sql(stage: Stage, script: str, *, orders: int, seconds: float) -> Limit:
    """Each round of the script lives the lives of so many orders."""
    whole = max(round(seconds), 1)
    with fresh_database(stage.database_url) as url:
        before = look(stage)
        options = (f"--time={whole}", f"--client={_CLIENTS}")
        rate = orders * rounds(postgres_folder(stage.home), url, script, *options)
        spent = parts.between(before, look(stage))
    servers = sum(seconds for part, seconds in spent.by_part.items() if part.startswith("postgres"))
    return Limit(rate, servers / (rate * whole))


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """A database beside the shop's, with tables like the shop's; where it is."""
    url = urlsplit(server)._replace(path=f"/{_NAME}").geturl()
    with psycopg.connect(server, autocommit=True) as administration:
        administration.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_NAME)))
        try:
            with psycopg.connect(url, autocommit=True) as fresh:
                fresh.execute((_HERE / "tables.sql").read_bytes())
                fresh.execute("VACUUM ANALYZE")
            yield url
        finally:
            administration.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(_NAME)))


def rounds(programs: Path, url: str, script: str, *options: str) -> float:
    """Rounds of a script a second."""
    command = [
        str(programs / "pgbench"),
        "--no-vacuum",
        "--protocol=prepared",
        f"--file={_HERE / script}.sql",
        *options,
    ]
    done = subprocess.run([*command, url], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    told = _RATE.search(done.stdout)
    if done.returncode != 0 or _FAILED.search(done.stdout) or told is None:
        raise StageFailed(f"pgbench {script}: {done.stdout[-2000:]}")
    return float(told[1])
