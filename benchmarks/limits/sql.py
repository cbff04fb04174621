"""The life of an order by SQL alone, run by pgbench on the server that the shop uses, in a database of its own."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from benchmarks.stage import Stage, StageFailed
from shop.runner.programs import postgres_folder

_HERE = Path(__file__).parent
_CLIENTS = 8
_RATE = re.compile(r"^tps = ([0-9.]+) \(without initial connection time\)", re.MULTILINE)
_FAILED = re.compile(r"^number of failed transactions: ([1-9]\d*)", re.MULTILINE)


def orders_by_sql(stage: Stage, script: str, *, orders: int, seconds: float) -> float:
    """How many lives of an order a second; each round of the script lives so many."""
    with _database(stage) as url:
        return orders * _bench(stage, url, _HERE / f"{script}.sql", seconds)


@contextmanager
def _database(stage: Stage) -> Iterator[str]:
    """A fresh database beside the shop's, with tables like the shop's."""
    name = "limits"
    url = urlsplit(stage.database_url)._replace(path=f"/{name}").geturl()
    with stage.database() as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            with psycopg.connect(url, autocommit=True) as fresh:
                fresh.execute((_HERE / "tables.sql").read_bytes())
                fresh.execute("VACUUM ANALYZE")
            yield url
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _bench(stage: Stage, url: str, script: Path, seconds: float) -> float:
    """Rounds of a script a second."""
    program = postgres_folder(stage.home) / "pgbench"
    options = ["--no-vacuum", "--protocol=prepared", f"--client={_CLIENTS}", f"--time={max(int(seconds), 1)}"]
    done = subprocess.run(
        [str(program), *options, f"--file={script}", url],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    told = _RATE.search(done.stdout)
    if done.returncode != 0 or _FAILED.search(done.stdout) or told is None:
        raise StageFailed(f"pgbench {script.name}: {done.stdout[-2000:]}")
    return float(told[1])
